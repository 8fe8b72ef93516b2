#include "gateway/admin/review_api.hpp"

#include "auth/ascii.hpp"
#include "auth/credential.hpp"
#include "auth/json_text.hpp"
#include "gateway/admin/query.hpp"
#include "gateway/admin/token_list.hpp"
#include "gateway/json/finding_json.hpp"

namespace kwikgate::gateway::admin {
namespace {

struct ReviewQuery {
    auth::ReviewPolicy policy;
    std::size_t limit = 50;
    std::string cursor;
};

std::optional<std::string> read_member(const std::string& name, const std::string& value,
                                       ReviewQuery& out) {
    if (name == "cursor") return out.cursor = value, std::string();
    const bool is_limit = name == "limit";
    if (!is_limit && name != "unused_days" && name != "expires_days") return std::nullopt;
    const int least = name == "expires_days" ? 0 : 1;
    const int most = is_limit ? static_cast<int>(kMostListed) : 3650;
    int number = 0;
    if (!auth::read_decimal(value, number) || number < least || number > most)
        return "must be " + std::to_string(least) + " to " + std::to_string(most);
    if (is_limit) {
        out.limit = static_cast<std::size_t>(number);
    } else if (name == "unused_days") {
        out.policy.unused_after = std::chrono::days(number);
    } else {
        out.policy.expires_within = std::chrono::days(number);
    }
    return std::string();
}

std::string token_finding_json(const store::TokenRecord& token, std::string_view advice) {
    return auth::JsonObject()
        .text("id", token.id)
        .text("name", token.name)
        .text("key", auth::partial_credential(token.api_key))
        .raw("advice", advice)
        .to_string();
}

}  // namespace

std::string advice_json(const store::TokenRecord& token, const store::TokenUsage& usage,
                        store::Timestamp now, const auth::SectionCatalogue& sections,
                        const auth::ReviewPolicy& policy) {
    return auth::json_array(
        auth::review_token(token, usage, now, policy),
        [&](const auth::Finding& finding) { return finding_json(finding, sections); });
}

AdminResponse list_review(const Call& call, store::Reader& reader, store::Timestamp now) {
    ReviewQuery query;
    if (auto refused = read_query(call.target, [&](const auto& name, const auto& value) {
            return read_member(name, value, query);
        }))
        return *refused;
    const auto snapshot = reader.snapshot();
    if (!snapshot) return store_problem(snapshot.error());
    const auto sections = auth::SectionCatalogue::read(*snapshot);
    if (!sections) return store_problem(sections.error());
    auth::JsonArray tokens;
    std::size_t listed = 0;
    std::size_t visited = 0;
    std::string last_id;
    bool has_more = false;
    std::optional<boost::system::error_code> failed;
    const auto walked = snapshot->for_each_token(
        query.cursor,
        [&](const store::TokenView& view) {
            if (listed == query.limit || visited == kMostVisited) {
                has_more = true;
                return false;
            }
            ++visited;
            last_id = view.id;
            const auto usage = snapshot->usage(view.number);
            if (!usage) {
                failed = usage.error();
                return false;
            }
            const store::TokenRecord token = view.to_record();
            const std::string advice = advice_json(token, *usage, now, *sections, query.policy);
            if (advice == "[]") return true;
            ++listed;
            tokens.add(token_finding_json(token, advice));
            return true;
        },
        [](std::string_view) {});
    if (failed) return store_problem(*failed);
    if (!walked) {
        if (walked.error() == store::Errc::invalid_argument) return cursor_invalid();
        return store_problem(walked.error());
    }
    return json_response(auth::JsonObject()
                             .raw("tokens", tokens.to_string())
                             .text_or_null("next_cursor", has_more ? last_id : "")
                             .to_string());
}

}  // namespace kwikgate::gateway::admin
