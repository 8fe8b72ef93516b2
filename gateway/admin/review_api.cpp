#include "gateway/admin/review_api.hpp"

#include "auth/ascii.hpp"
#include "auth/credential.hpp"
#include "gateway/admin/token_list.hpp"
#include "gateway/json/finding_json.hpp"
#include "gateway/json/json_text.hpp"

namespace kwikgate::gateway::admin {
namespace {

struct ReviewQuery {
    auth::ReviewPolicy policy;
    std::size_t limit = 50;
    std::string cursor;
};

/// A clause when it is wrong; empty when it is right.
std::string read_member(const std::string& name, const std::string& value, ReviewQuery& out) {
    if (name == "cursor") return out.cursor = value, std::string();
    const bool is_limit = name == "limit";
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
    return {};
}

std::string token_finding_json(const store::TokenRecord& token, std::string_view advice) {
    return JsonObject()
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
    std::string out = "[";
    for (const auth::Finding& finding : auth::review_token(token, usage, now, policy)) {
        if (out.size() > 1) out += ',';
        out += finding_json(finding, sections);
    }
    return out + "]";
}

AdminResponse list_review(const Call& call, store::Reader& reader, store::Timestamp now) {
    if (auto refused =
            unknown_member(call.target, {"unused_days", "expires_days", "limit", "cursor"}))
        return *refused;
    ReviewQuery query;
    for (const auto& [name, value] : call.target.query)
        if (const std::string wrong = read_member(name, value, query); !wrong.empty())
            return problem(400, "query_invalid",
                           std::string(name).append(" ").append(wrong).append("."));
    const auto snapshot = reader.snapshot();
    if (!snapshot) return store_problem(snapshot.error());
    const auto sections = auth::SectionCatalogue::read(*snapshot);
    if (!sections) return store_problem(sections.error());
    std::string tokens = "[";
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
            if (listed++ != 0) tokens += ',';
            tokens += token_finding_json(token, advice);
            return true;
        },
        [](std::string_view) {});
    if (failed) return store_problem(*failed);
    if (!walked) {
        if (walked.error() == store::Errc::invalid_argument)
            return problem(400, "query_invalid", "cursor must be the next_cursor of a page.");
        return store_problem(walked.error());
    }
    return json_response(JsonObject()
                             .raw("tokens", tokens + "]")
                             .text_or_null("next_cursor", has_more ? last_id : "")
                             .to_string());
}

}  // namespace kwikgate::gateway::admin
