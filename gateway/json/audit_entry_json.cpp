#include "gateway/json/audit_entry_json.hpp"

#include <simdjson.h>

#include <string_view>

#include "auth/json_text.hpp"
#include "auth/time_text.hpp"

namespace kwikgate::gateway {
namespace {

void raw_or_null(auth::JsonObject& object, std::string_view key, const std::string& json) {
    simdjson::dom::parser parser;
    simdjson::dom::element parsed;
    const bool is_json = parser.parse(json).get(parsed) == simdjson::SUCCESS;
    object.raw(key, is_json ? std::string_view(json) : std::string_view("null"));
}

}  // namespace

std::string audit_entry_json(const store::AuditEntry& entry) {
    auth::JsonObject object;
    object.number("sequence", entry.sequence);
    object.text("at", auth::to_text(entry.at));
    object.text("actor", entry.actor).text("action", entry.action);
    object.text("token_id", entry.token_id);
    raw_or_null(object, "before", entry.before);
    raw_or_null(object, "after", entry.after);
    return object.to_string();
}

}  // namespace kwikgate::gateway
