#include "auth/credential.hpp"
#include "auth/ip_rules.hpp"
#include "auth/json_text.hpp"
#include "auth/time_text.hpp"
#include "auth/token_settings.hpp"

namespace kwikgate::auth {
namespace {

void add_time(JsonObject& json, std::string_view name, const std::optional<Timestamp>& time) {
    if (time) {
        json.text(name, to_text(*time));
    } else {
        json.null(name);
    }
}

void add_permissions(JsonObject& json, const store::TokenRecord& record,
                     const SectionCatalogue& catalogue) {
    json.text("permissions", record.writable.empty() ? "read-only" : "read-write");
    json.texts("sections", catalogue.slugs(record.readable));
    // Only where one word does not say it: the two sets of a token are usually equal.
    if (!record.writable.empty() && record.writable != record.readable)
        json.texts("writable_sections", catalogue.slugs(record.writable));
}

void add_restrictions(JsonObject& json, const store::TokenRecord& record) {
    add_time(json, "expires_at", record.expires_at);
    std::vector<std::string> addresses;
    for (const store::IpRange& range : record.allowed_ips) addresses.push_back(to_text(range));
    json.texts("allowed_ips", addresses);
    json.texts("allowed_origins", record.allowed_origins);
    if (record.rate) {
        json.number("rate", record.rate->requests_per_second);
        json.number("burst", record.rate->burst);
    } else {
        json.null("rate");
    }
    if (record.max_concurrent != 0) {
        json.number("max_concurrent", record.max_concurrent);
    } else {
        json.null("max_concurrent");
    }
    json.boolean("require_signature", record.require_signature);
    json.boolean("require_form_signature", record.require_form_signature);
    json.boolean("debug", record.debug);
}

}  // namespace

std::string settings_json(const store::TokenRecord& record, const SectionCatalogue& catalogue) {
    JsonObject json;
    json.text("name", record.name);
    json.text("api_key", partial_credential(record.api_key));
    if (!record.public_key.empty()) json.text("public_key", partial_credential(record.public_key));
    json.text("status", to_token(record.status));
    json.text("environment", to_token(record.environment));
    add_permissions(json, record, catalogue);
    json.text("account", record.account);
    add_restrictions(json, record);
    json.number("secret_generation", record.secret.generation);
    if (record.previous_secret)
        add_time(json, "previous_secret_valid_until", record.previous_secret->valid_until);
    json.number("version", record.version);
    return json.to_string();
}

}  // namespace kwikgate::auth
