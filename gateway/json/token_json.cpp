#include "gateway/json/token_json.hpp"

#include "auth/credential.hpp"
#include "auth/ip_rules.hpp"
#include "auth/time_text.hpp"
#include "auth/vocabulary.hpp"

namespace kwikgate::gateway {
namespace {

void optional_time(auth::JsonObject& object, std::string_view key,
                   const std::optional<store::Timestamp>& time) {
    if (time) {
        object.text(key, auth::to_text(*time));
    } else {
        object.null(key);
    }
}

std::string usage_json(const store::TokenUsage& usage, const auth::SectionCatalogue& sections) {
    auth::JsonObject read;
    for (const auto& [id, at] : usage.section_last_read) {
        read.text(sections.slug(id), auth::to_text(at));
    }
    auth::JsonObject written;
    for (const auto& [id, at] : usage.section_last_written) {
        written.text(sections.slug(id), auth::to_text(at));
    }
    auth::JsonObject secrets;
    for (const auto& [generation, at] : usage.secret_last_used) {
        secrets.text(std::to_string(generation), auth::to_text(at));
    }
    auth::JsonObject object;
    object.number("requests", usage.requests);
    object.text_or_null(
        "last_scheme", usage.last_scheme ? auth::to_token(*usage.last_scheme) : std::string_view());
    object.raw("sections_last_read", read.to_string());
    object.raw("sections_last_written", written.to_string());
    object.raw("secrets_last_used", secrets.to_string());
    return object.to_string();
}

}  // namespace

std::string_view permissions_token(const store::TokenRecord& record) {
    return record.writable.empty() ? "read-only" : "read-write";
}

std::vector<std::string> ip_texts(const store::TokenRecord& record) {
    std::vector<std::string> out;
    for (const store::IpRange& range : record.allowed_ips) out.push_back(auth::to_text(range));
    return out;
}

void append_settings(auth::JsonObject& object, const store::TokenRecord& record,
                     const auth::SectionCatalogue& sections) {
    object.text("name", record.name);
    object.text("status", auth::to_token(record.status));
    object.text("environment", auth::to_token(record.environment));
    object.text("permissions", permissions_token(record));
    object.texts("sections", sections.slugs(record.readable));
    object.text_or_null("account", record.account);
    optional_time(object, "expires_at", record.expires_at);
    object.texts("allowed_ips", ip_texts(record));
    object.texts("allowed_origins", record.allowed_origins);
    if (record.rate) {
        object.raw("rate", auth::JsonObject()
                               .number("requests_per_second", record.rate->requests_per_second)
                               .number("burst", record.rate->burst)
                               .to_string());
    } else {
        object.null("rate");
    }
    if (record.max_concurrent != 0) {
        object.number("max_concurrent", record.max_concurrent);
    } else {
        object.null("max_concurrent");
    }
    object.boolean("require_signature", record.require_signature);
    object.boolean("require_form_signature", record.require_form_signature);
    object.boolean("debug", record.debug);
    object.text("created_at", auth::to_text(record.created_at));
}

std::string token_json(const store::TokenRecord& record, const store::TokenUsage& usage,
                       const auth::SectionCatalogue& sections) {
    auth::JsonObject object;
    object.text("id", record.id);
    object.text("key", auth::partial_credential(record.api_key));
    append_settings(object, record, sections);
    object.text("updated_at", auth::to_text(record.updated_at));
    object.number("version", record.version);
    object.text("secret_created_at", auth::to_text(record.secret.created_at));
    optional_time(object, "previous_secret_valid_until",
                  record.previous_secret ? record.previous_secret->valid_until : std::nullopt);
    optional_time(object, "last_used_at", usage.last_used_at);
    object.raw("usage", usage_json(usage, sections));
    return object.to_string();
}

std::string issued_json(const auth::IssuedToken& issued, const auth::SectionCatalogue& sections,
                        bool with_secret) {
    const store::TokenRecord& record = issued.record;
    auth::JsonObject object;
    object.text("id", record.id).text("name", record.name).text("api_key", record.api_key);
    if (with_secret) object.text("api_secret", issued.api_secret.expose());
    object.text_or_null("public_key", record.public_key);
    object.text("status", auth::to_token(record.status));
    object.text("permissions", permissions_token(record));
    object.texts("sections", sections.slugs(record.readable));
    object.text("environment", auth::to_token(record.environment));
    object.text("created_at", auth::to_text(record.created_at));
    return object.to_string();
}

}  // namespace kwikgate::gateway
