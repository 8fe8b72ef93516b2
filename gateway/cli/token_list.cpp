#include <cstdio>
#include <memory>

#include "gateway/cli/open_store.hpp"
#include "gateway/cli/time_text.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/cli/token_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    bool as_json = false;
};

/// What a listing of many tokens needs besides each record.
struct Listing {
    const StoreView& view;
    std::optional<boost::system::error_code> problem;
    std::size_t corrupt = 0;

    store::TokenUsage usage_of(store::TokenNumber number) {
        auto usage = view.snapshot().usage(number);
        if (usage.has_value()) return std::move(*usage);
        problem = usage.error();
        return {};
    }
};

CliResult<void> visit_all(Listing& listing,
                          const std::function<void(const store::TokenRecord&)>& visit) {
    const auto walked = listing.view.snapshot().for_each_token(
        {},
        [&](const store::TokenView& token) {
            visit(token.to_record());
            return !listing.problem;
        },
        [&](std::string_view) { ++listing.corrupt; });
    if (walked.has_error()) return failed("cannot list the tokens", walked.error());
    if (listing.problem) return failed("cannot read the use of a token", *listing.problem);
    return {};
}

constexpr std::size_t kFlushBytes = 1024 * 1024;

/// A failed write shows at the end, when the rest is printed.
void flush_over(std::string& text, std::size_t limit) {
    if (text.size() < limit) return;
    std::fwrite(text.data(), 1, text.size(), stdout);
    text.clear();
}

CliResult<void> list(const Flags& flags) {
    const auto view = StoreView::open(flags.store);
    if (view.has_error()) return view.error();
    Listing listing{**view, {}, 0};
    const SectionNames& sections = (*view)->sections();
    const store::Timestamp now = current_time();
    Table table = token_table();
    std::string json;  // Of very many tokens, only the part not yet written.
    bool is_first = true;
    const auto walked = visit_all(listing, [&](const store::TokenRecord& record) {
        const store::TokenUsage usage = listing.usage_of(record.number);
        if (flags.as_json) {
            json += (is_first ? "[" : ",\n ") + token_json(record, usage, sections);
            is_first = false;
            flush_over(json, kFlushBytes);
        } else {
            add_token_row(table, record, usage, sections, now);
        }
    });
    if (walked.has_error()) return walked;
    if (is_first) json = "[";
    const bool has_hint = !flags.as_json && table.empty();
    const auto printed = print(flags.as_json ? json + "]\n" : table.to_string());
    if (printed.has_error()) return printed;
    if (listing.corrupt > 0) {
        return failed(std::to_string(listing.corrupt) +
                      " records cannot be read; see 'kwikgate store verify'");
    }
    return has_hint ? print("No tokens yet: make one with 'kwikgate token create'.\n") : printed;
}

}  // namespace

void add_token_list(CLI::App& token, Session& session) {
    CLI::App& sub = *token.add_subcommand("list", "List all tokens, oldest first");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, false);
    sub.add_flag("--json", flags->as_json, "Print a JSON array");
    on_run(sub, session, [flags] { return list(*flags); });
}

}  // namespace kwikgate::gateway::cli
