#include "gateway/cli/import_fields.hpp"

#include <algorithm>
#include <iterator>

#include "auth/base64.hpp"
#include "auth/credential.hpp"
#include "gateway/json/json_fields.hpp"
#include "gateway/json/token_fields.hpp"

namespace kwikgate::gateway::cli {
namespace {

using simdjson::dom::element;
FieldProblem read_sealed_key(const element& value, store::SecretRecord& out) {
    const auto text = text_of(value);
    std::array<std::uint8_t, auth::base64_decoded_bound(124)> bytes{};
    const auto size = text ? auth::decode_base64(*text, bytes) : std::nullopt;
    if (size != out.sealed_key.size()) return "key must be the base64 of a sealed key";
    std::copy_n(bytes.begin(), out.sealed_key.size(), out.sealed_key.begin());
    return {};
}

FieldProblem read_one_sealed(const element& value, bool is_previous, store::SecretRecord& out) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return "must be an object";
    std::optional<store::Timestamp> created_at;
    bool has_key = false;
    for (const auto& [key, member] : object) {
        FieldProblem problem;
        if (key == "key") {
            has_key = true;
            problem = read_sealed_key(member, out);
        } else if (key == "created_at") {
            problem = read_time(member, created_at);
        } else if (key == "generation") {
            problem = read_number(member, out.generation);
        } else if (key == "valid_until" && is_previous) {
            problem = read_time(member, out.valid_until);
        } else if (key != "previous" || is_previous) {
            return "has an unknown key";
        }
        if (!problem.empty()) return std::string(key) + " " + problem;
    }
    if (!has_key || !created_at || (is_previous && !out.valid_until)) {
        return "lacks key, created_at or valid_until";
    }
    out.created_at = *created_at;
    return {};
}

FieldProblem read_sealed(const element& value, ImportFields& out) {
    out.sealed.emplace();
    if (FieldProblem problem = read_one_sealed(value, false, *out.sealed); !problem.empty()) {
        return problem;
    }
    element previous;
    if (value["previous"].get(previous) != simdjson::SUCCESS) return {};
    out.previous.emplace();
    const FieldProblem problem = read_one_sealed(previous, true, *out.previous);
    return problem.empty() ? problem : "previous " + problem;
}

FieldProblem read_secret(const element& value, ImportFields& out) {
    const auto text = text_of(value);
    if (!text) return "must be a string";
    out.api_secret.emplace(std::string(*text));
    return {};
}

struct Field {
    std::string_view key;
    FieldProblem (*read)(const element&, ImportFields&);
};

// What an import line may have beside the settings.
constexpr Field kFields[] = {
    {"created_at",
     [](const element& v, ImportFields& out) { return read_time(v, out.created_at); }},
    {"id", [](const element& v, ImportFields& out) { return read_text(v, out.id); }},
    {"api_key", [](const element& v, ImportFields& out) { return read_text(v, out.api_key); }},
    {"public_key",
     [](const element& v, ImportFields& out) {
         return v.is_null() ? FieldProblem() : read_text(v, out.public_key);
     }},
    {"api_secret", read_secret},
    {"sealed", read_sealed},
};

void check_brought_credentials(const ImportFields& fields, std::vector<std::string>& problems) {
    const auto add = [&](std::string problem) { problems.push_back(std::move(problem)); };
    constexpr const char* kKeyForm =
        ": must be 8-255 visible ASCII characters without a colon, and no mistyped key of ours";
    constexpr const char* kSecretForm =
        ": must be 8-255 visible ASCII characters, and no mistyped secret of ours";
    if (fields.api_key && !auth::is_importable_key(*fields.api_key)) {
        add(std::string("api_key") + kKeyForm);
    }
    if (fields.api_secret && !auth::is_importable_secret(fields.api_secret->expose())) {
        add(std::string("api_secret") + kSecretForm);
    }
    if (fields.public_key && !fields.public_key->empty() &&
        !auth::is_importable_key(*fields.public_key)) {
        add(std::string("public_key") + kKeyForm);
    }
    if (fields.sealed) {
        if (!fields.id || !fields.api_key) add("sealed: needs id and api_key beside it");
        if (fields.api_secret) add("api_secret: cannot stand beside sealed");
        return;
    }
    if (fields.id) add("id: can only be kept with sealed");
    if (fields.api_key.has_value() != fields.api_secret.has_value()) {
        add("api_key and api_secret: bring both or none");
    }
    if (fields.public_key && !fields.api_key) add("public_key: needs api_key beside it");
}

}  // namespace

std::vector<std::string> read_import_fields(const simdjson::dom::object& object,
                                            const auth::SectionCatalogue& sections,
                                            ImportFields& out) {
    const auto read = [&](std::string_view key,
                          const element& value) -> std::optional<FieldProblem> {
        const auto* const field = std::find_if(std::begin(kFields), std::end(kFields),
                                               [key](const Field& f) { return f.key == key; });
        if (field != std::end(kFields)) return field->read(value, out);
        return read_token_setting(key, value, sections, out.spec);
    };
    std::vector<std::string> problems;
    for (const MemberProblem& problem : read_members(object, read))
        problems.push_back(problem.to_string());
    if (object["name"].error() != simdjson::SUCCESS) problems.emplace_back("name: is required");
    if (object["sections"].error() != simdjson::SUCCESS)
        problems.emplace_back("sections: is required");
    return problems;
}

std::vector<std::string> combine(ImportFields fields, auth::ImportItem& out) {
    std::vector<std::string> problems;
    check_brought_credentials(fields, problems);
    if (!problems.empty()) return problems;
    out.created_at = fields.created_at;
    if (fields.sealed) {
        store::TokenRecord& record = out.sealed.emplace();
        record.id = std::move(*fields.id);
        record.api_key = std::move(*fields.api_key);
        record.public_key = fields.public_key.value_or("");
        record.environment = fields.spec.environment.value_or(auth::Environment::live);
        record.secret = *fields.sealed;
        record.previous_secret = fields.previous;
        if (fields.created_at) record.created_at = *fields.created_at;
    } else if (fields.api_key) {
        out.credentials.emplace(auth::ImportedCredentials{std::move(*fields.api_key),
                                                          std::move(*fields.api_secret),
                                                          fields.public_key.value_or("")});
    }
    out.spec = std::move(fields.spec);
    return problems;
}

}  // namespace kwikgate::gateway::cli
