#include "auth/token_review.hpp"

#include <memory>

#include "auth/json_text.hpp"
#include "gateway/cli/table.hpp"
#include "gateway/cli/time_text.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/cli/token_walk.hpp"
#include "gateway/json/finding_json.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

using auth::Advice;

struct Flags {
    StoreFlags store;
    unsigned unused_days = 90;
    unsigned expires_days = 30;
    bool as_json = false;
};

std::string day(const std::optional<store::Timestamp>& time) {
    return time ? to_minute(*time).substr(0, 10) : "never";
}

/// What was found, as a clause.
std::string sentence(const auth::Finding& finding, const auth::SectionCatalogue& sections) {
    switch (finding.advice) {
        case Advice::expired:
            return "expired on " + day(finding.at);
        case Advice::expires_soon:
            return "expires on " + day(finding.at);
        case Advice::unused:
            return finding.at ? "last used on " + day(finding.at) : "never used";
        case Advice::section_unused:
            return "section " + sections.slug(*finding.section) + " never used";
        case Advice::write_unused:
            return "may write, only ever read";
        case Advice::old_secret_in_use:
            return "old secret still used, last on " + day(finding.at);
        case Advice::uses_basic:
            return "still sends its secret (Basic), last on " + day(finding.at);
    }
    return {};
}

/// What to do about it.
std::string_view remedy(Advice advice) {
    switch (advice) {
        case Advice::expired:
            return "delete it, or set --expires anew";
        case Advice::expires_soon:
            return "set --expires anew, or let it end";
        case Advice::unused:
            return "disable it";
        case Advice::section_unused:
            return "take the section away";
        case Advice::write_unused:
            return "set --permissions read-only";
        case Advice::old_secret_in_use:
            return "put the new secret everywhere";
        case Advice::uses_basic:
            return "sign requests, then --require-signature";
    }
    return {};
}

std::string reviewed_json(const store::TokenRecord& record, const auth::Finding& finding,
                          const auth::SectionCatalogue& sections) {
    std::string object = auth::JsonObject()
                             .text("id", record.id)
                             .text("name", record.name)
                             .text("finding", sentence(finding, sections))
                             .text("remedy", remedy(finding.advice))
                             .to_string();
    object.back() = ',';
    return object + finding_json(finding, sections).substr(1);
}

CliResult<void> review(const Flags& flags) {
    const auto view = StoreView::open(flags.store);
    if (view.has_error()) return view.error();
    const auth::SectionCatalogue& sections = (*view)->sections();
    const store::Timestamp now = store::current_time();
    auth::ReviewPolicy policy;
    policy.unused_after = std::chrono::days(flags.unused_days);
    policy.expires_within = std::chrono::days(flags.expires_days);
    Table table({"Id", "Name", "Finding", "Advice"});
    std::string json = "[";
    bool is_first = true;
    const auto walked = walk_tokens(
        **view, flags.as_json ? WalkOutput::on_the_way : WalkOutput::at_the_end,
        [&](const store::TokenRecord& record, const store::TokenUsage& usage) {
            for (const auto& finding : auth::review_token(record, usage, now, policy)) {
                if (flags.as_json) {
                    json += (is_first ? "" : ",\n ") + reviewed_json(record, finding, sections);
                    flush_over(json);
                } else {
                    table.add_row({record.id, record.name, sentence(finding, sections),
                                   std::string(remedy(finding.advice))});
                }
                is_first = false;
            }
        });
    const bool is_fine = is_first && walked.has_value();
    const auto printed = print(flags.as_json ? json + "]\n"
                               : is_fine     ? "Nothing to advise.\n"
                                             : table.to_string());
    return printed.has_error() ? printed : walked;
}

}  // namespace

void add_token_review(Command token, Session& session) {
    Command sub = token.add_command("review", "Find tokens with more access than they need");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, false);
    sub.add_option("--unused-days", flags->unused_days,
                   "Days without use that count as unused; younger tokens are skipped (default 90)")
        .option_text("N")
        .between(1, 3650);
    sub.add_option("--expires-days", flags->expires_days,
                   "Report tokens that expire within so many days (default 30)")
        .option_text("N")
        .between(0, 3650);
    sub.add_flag("--json", flags->as_json, "Print a JSON array");
    sub.footer(
        "Finds tokens that are unused, expired or about to expire, sections never used,\n"
        "read-write tokens that only ever read, old secrets still in use after a\n"
        "rotation, and tokens still on Basic. It changes nothing.");
    on_run(sub, session, [flags] { return review(*flags); });
}

}  // namespace kwikgate::gateway::cli
