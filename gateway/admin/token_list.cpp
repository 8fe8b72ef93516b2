#include "gateway/admin/token_list.hpp"

#include <algorithm>
#include <functional>

#include "auth/ascii.hpp"
#include "auth/base64.hpp"
#include "auth/time_text.hpp"
#include "gateway/admin/query.hpp"

namespace kwikgate::gateway::admin {
namespace {

constexpr std::size_t kMaxTextBytes = 400;
constexpr char kCursorMark = '\x1f';  ///< Between key and id; no name holds it.

/// ASCII letters without regard to case, everything else byte by byte. `wanted` is in lower case.
bool holds(std::string_view text, std::string_view wanted) {
    return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                       [](char a, char b) { return auth::to_lower(a) == b; }) != text.end();
}

bool fits(const store::TokenView& token, const TokenQuery& query) {
    if (query.status && token.status != *query.status) return false;
    if (query.environment && token.environment != *query.environment) return false;
    if (query.read_write && token.writable.empty() == *query.read_write) return false;
    if (query.section && !token.readable.contains(*query.section)) return false;
    return query.text.empty() || holds(token.name, query.text) ||
           holds(token.api_key, query.text) ||
           (token.id.size() == query.text.size() && holds(token.id, query.text));
}

// Reading the query.

/// What is wrong with a value, as a clause; empty for nothing.
using Problem = std::string;

Problem one_of(std::string_view value, std::string_view first, std::string_view second,
               const std::function<void(bool is_second)>& set) {
    if (value != first && value != second)
        return "must be " + std::string(first) + " or " + std::string(second);
    set(value == second);
    return {};
}

Problem read_order(std::string_view value, TokenQuery& out) {
    out.is_descending = value.starts_with('-');
    if (out.is_descending) value.remove_prefix(1);
    if (value == "created") {
        out.order = TokenOrder::created;
    } else if (value == "name") {
        out.order = TokenOrder::name;
    } else if (value == "last_used") {
        out.order = TokenOrder::last_used;
    } else {
        return "must be created, name or last_used, with '-' before for descending";
    }
    return {};
}

Problem read_limit(std::string_view value, TokenQuery& out) {
    if (!auth::read_decimal(value, out.limit) || out.limit == 0 || out.limit > kMostListed)
        return "must be 1 to " + std::to_string(kMostListed);
    return {};
}

Problem read_section(std::string_view value, const auth::SectionCatalogue& sections,
                     TokenQuery& out) {
    out.section = sections.id(value);
    if (!out.section) return "is not a section; there are " + sections.list();
    return {};
}

/// Nothing for a member that is not known.
std::optional<Problem> read_member(std::string_view name, const std::string& value,
                                   const auth::SectionCatalogue& sections, TokenQuery& out) {
    if (name == "status")
        return one_of(value, "live", "disabled", [&](bool is_second) {
            out.status = is_second ? store::TokenStatus::disabled : store::TokenStatus::live;
        });
    if (name == "permissions")
        return one_of(value, "read-only", "read-write",
                      [&](bool is_second) { out.read_write = is_second; });
    if (name == "environment")
        return one_of(value, "live", "test", [&](bool is_second) {
            out.environment = is_second ? store::Environment::test : store::Environment::live;
        });
    if (name == "section") return read_section(value, sections, out);
    if (name == "sort") return read_order(value, out);
    if (name == "limit") return read_limit(value, out);
    if (name == "cursor") return out.cursor = value, Problem();
    if (name != "q") return std::nullopt;
    if (value.size() > kMaxTextBytes) return Problem("is too long");
    out.text = auth::lower_case(value);
    return Problem();
}

// Ordered by creation: as the store has them.

store::Result<TokenPage> list_by_creation(const store::Snapshot& snapshot,
                                          const TokenQuery& query) {
    TokenPage page;
    std::size_t visited = 0;
    std::string last_id;
    bool has_more = false;
    std::optional<boost::system::error_code> failed;
    const auto visit = [&](const store::TokenView& token) {
        // One beyond the page tells whether there is another.
        if (visited == kMostVisited || page.tokens.size() == query.limit) {
            has_more = true;
            return false;
        }
        ++visited;
        last_id = token.id;
        if (!fits(token, query)) return true;
        auto usage = snapshot.usage(token.number);
        if (!usage) {
            failed = usage.error();
            return false;
        }
        page.tokens.push_back({token.to_record(), std::move(*usage)});
        return true;
    };
    // A record that cannot be read must not hide the others; `store verify` names it.
    const auto skip = [](std::string_view) {};
    const auto walked = query.is_descending
                            ? snapshot.for_each_token_backwards(query.cursor, visit, skip)
                            : snapshot.for_each_token(query.cursor, visit, skip);
    if (failed) return *failed;
    if (!walked) return walked.error();
    if (has_more) page.next_cursor = last_id;
    return page;
}

// Any other order: the best of all, kept in a heap.

/// What a token is ordered by, with the id to tell equals apart.
struct SortKey {
    std::string key;
    std::string id;
    friend auto operator<=>(const SortKey&, const SortKey&) = default;
};

std::string encode_cursor(const SortKey& key) {
    const std::string text = key.key + kCursorMark + key.id;
    return auth::encode_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::optional<SortKey> decode_cursor(std::string_view cursor) {
    std::array<std::uint8_t, auth::base64_decoded_bound(1024)> bytes{};
    if (cursor.size() > 1024) return std::nullopt;
    const auto size = auth::decode_base64(cursor, bytes);
    if (!size) return std::nullopt;
    const std::string text(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*size));
    const std::size_t mark = text.rfind(kCursorMark);
    if (mark == std::string::npos) return std::nullopt;
    return SortKey{text.substr(0, mark), text.substr(mark + 1)};
}

store::Result<std::string> key_of(const store::Snapshot& snapshot, const store::TokenView& token,
                                  TokenOrder order) {
    if (order == TokenOrder::name) return auth::lower_case(token.name);
    const auto usage = snapshot.usage(token.number);
    if (!usage) return usage.error();
    return usage->last_used_at ? auth::to_text(*usage->last_used_at) : std::string();
}

store::Result<TokenPage> list_sorted(const store::Snapshot& snapshot, const TokenQuery& query) {
    std::optional<SortKey> after;
    if (!query.cursor.empty()) {
        after = decode_cursor(query.cursor);
        if (!after) return store::Errc::invalid_argument;
    }
    const auto comes_first = [&](const SortKey& a, const SortKey& b) {
        return query.is_descending ? b < a : a < b;
    };
    std::vector<SortKey> best;  // A heap whose top comes last.
    bool has_more = false;
    std::optional<boost::system::error_code> failed;
    const auto walked = snapshot.for_each_token(
        {},
        [&](const store::TokenView& token) {
            if (!fits(token, query)) return true;
            auto key = key_of(snapshot, token, query.order);
            if (!key) {
                failed = key.error();
                return false;
            }
            SortKey entry{std::move(*key), std::string(token.id)};
            if (after && !comes_first(*after, entry)) return true;
            best.push_back(std::move(entry));
            std::push_heap(best.begin(), best.end(), comes_first);
            if (best.size() > query.limit) {
                std::pop_heap(best.begin(), best.end(), comes_first);
                best.pop_back();
                has_more = true;
            }
            return true;
        },
        [](std::string_view) {});
    if (failed) return *failed;
    if (!walked) return walked.error();
    std::sort_heap(best.begin(), best.end(), comes_first);
    TokenPage page;
    for (const SortKey& entry : best) {
        const auto token = snapshot.token_by_id(entry.id);
        if (!token) return token.error();
        if (!*token) return store::Errc::corrupt_record;
        auto usage = snapshot.usage((*token)->number);
        if (!usage) return usage.error();
        page.tokens.push_back({(*token)->to_record(), std::move(*usage)});
    }
    if (has_more) page.next_cursor = encode_cursor(best.back());
    return page;
}

}  // namespace

std::variant<TokenQuery, AdminResponse> parse_token_query(const Target& target,
                                                          const auth::SectionCatalogue& sections) {
    TokenQuery query;
    if (auto refused = read_query(target, [&](const auto& name, const auto& value) {
            return read_member(name, value, sections, query);
        }))
        return std::move(*refused);
    return query;
}

store::Result<TokenPage> list_tokens(const store::Snapshot& snapshot, const TokenQuery& query) {
    return query.order == TokenOrder::created ? list_by_creation(snapshot, query)
                                              : list_sorted(snapshot, query);
}

}  // namespace kwikgate::gateway::admin
