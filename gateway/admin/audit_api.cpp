#include "gateway/admin/audit_api.hpp"

#include <limits>

#include "auth/ascii.hpp"
#include "auth/json_text.hpp"
#include "auth/time_text.hpp"
#include "gateway/admin/query.hpp"
#include "gateway/json/audit_entry_json.hpp"

namespace kwikgate::gateway::admin {
namespace {

constexpr std::uint64_t kMostListed = 200;

struct AuditQuery {
    std::string token, actor, action;
    std::optional<store::Timestamp> since, until;
    std::uint64_t limit = 50;
    std::uint64_t before = std::numeric_limits<std::uint64_t>::max();
};

bool read_time(const std::string& text, std::optional<store::Timestamp>& out) {
    out = auth::parse_timestamp(text);
    return out.has_value();
}

std::optional<std::string> read_member(const std::string& name, const std::string& value,
                                       AuditQuery& out) {
    if (name == "token") return out.token = value, std::string();
    if (name == "actor") return out.actor = value, std::string();
    if (name == "action") return out.action = value, std::string();
    if (name == "since") return read_time(value, out.since) ? "" : "must be an RFC 3339 time";
    if (name == "until") return read_time(value, out.until) ? "" : "must be an RFC 3339 time";
    if (name == "cursor")
        return auth::read_decimal(value, out.before) ? "" : "must be the next_cursor of a page";
    if (name != "limit") return std::nullopt;
    return auth::read_decimal(value, out.limit) && out.limit >= 1 && out.limit <= kMostListed
               ? ""
               : "must be 1 to 200";
}

bool fits(const store::AuditEntry& entry, const AuditQuery& query) {
    return (query.token.empty() || entry.token_id == query.token) &&
           (query.actor.empty() || entry.actor == query.actor) &&
           (query.action.empty() || entry.action == query.action) &&
           (!query.until || entry.at < *query.until);
}

}  // namespace

AdminResponse list_audit(const Call& call, store::Reader& reader) {
    AuditQuery query;
    if (auto refused = read_query(call.target, [&](const auto& name, const auto& value) {
            return read_member(name, value, query);
        }))
        return *refused;
    const auto snapshot = reader.snapshot();
    if (!snapshot) return store_problem(snapshot.error());
    auth::JsonArray entries;
    std::uint64_t listed = 0;
    std::size_t visited = 0;
    std::uint64_t last = 0;
    bool has_more = false;
    const auto walked =
        snapshot->for_each_audit_backwards(query.before, [&](const store::AuditEntry& entry) {
            // Entries are in the order of time, so nothing older can be wanted.
            if (query.since && entry.at < *query.since) return false;
            if (listed == query.limit || visited == kMostAuditVisited) {
                has_more = true;
                return false;
            }
            ++visited;
            last = entry.sequence;
            if (!fits(entry, query)) return true;
            ++listed;
            entries.add(audit_entry_json(entry));
            return true;
        });
    if (!walked) return store_problem(walked.error());
    return json_response(auth::JsonObject()
                             .raw("entries", entries.to_string())
                             .text_or_null("next_cursor", has_more ? std::to_string(last) : "")
                             .to_string());
}

}  // namespace kwikgate::gateway::admin
