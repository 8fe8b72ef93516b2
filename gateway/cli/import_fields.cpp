#include "gateway/cli/import_fields.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "auth/base64.hpp"
#include "auth/credential.hpp"
#include "auth/ip_rules.hpp"
#include "auth/time_text.hpp"
#include "gateway/cli/utf8_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

using simdjson::dom::element;
using Problem = std::string;  ///< Empty: none.

/// Reads one member into the fields.
using Read = Problem (*)(const element&, const SectionNames&, ImportFields&);

std::optional<std::string_view> text_of(const element& value) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
    return text;
}

Problem read_text(const element& value, std::optional<std::string>& out) {
    const auto text = text_of(value);
    if (!text) return "must be a string";
    out.emplace(*text);
    return {};
}

Problem read_flag(const element& value, std::optional<bool>& out) {
    bool flag = false;
    if (value.get(flag) != simdjson::SUCCESS) return "must be true or false";
    out = flag;
    return {};
}

Problem read_texts(const element& value, std::optional<std::vector<std::string>>& out) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return "must be an array of strings";
    out.emplace();
    for (const element item : array) {
        const auto text = text_of(item);
        if (!text) return "must be an array of strings";
        out->emplace_back(*text);
    }
    return {};
}

Problem read_time(const element& value, std::optional<store::Timestamp>& out) {
    const auto text = text_of(value);
    if (text) out = auth::parse_timestamp(*text);
    return text && out ? Problem() : "must be an RFC 3339 time such as 2027-01-31T00:00:00Z";
}

Problem read_number(const element& value, std::uint32_t& out) {
    std::uint64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS || number > UINT32_MAX) {
        return "must be a whole number";
    }
    out = static_cast<std::uint32_t>(number);
    return {};
}

template <class Value>
Problem read_word(const element& value, std::optional<Value>& out, std::string_view first_word,
                  Value first, std::string_view second_word, Value second) {
    const auto text = text_of(value);
    if (text && *text == first_word) {
        out = first;
    } else if (text && *text == second_word) {
        out = second;
    } else {
        return "must be " + std::string(first_word) + " or " + std::string(second_word);
    }
    return {};
}

Problem read_sections(const element& value, const SectionNames& names, ImportFields& out) {
    if (Problem problem = read_texts(value, out.spec.sections); !problem.empty()) return problem;
    for (const std::string& slug : *out.spec.sections) {
        if (!names.contains(slug)) {
            return "no section " + printable(truncated(slug, 40)) + "; there are " + names.list();
        }
    }
    return {};
}

Problem read_ips(const element& value, const SectionNames&, ImportFields& out) {
    if (Problem problem = read_texts(value, out.spec.allowed_ips); !problem.empty()) {
        return problem;
    }
    for (const std::string& text : *out.spec.allowed_ips) {
        if (!auth::parse_ip_range(text)) {
            return printable(truncated(text, 50)) + " is no address or block";
        }
    }
    return {};
}

Problem read_rate(const element& value, const SectionNames&, ImportFields& out) {
    if (value.is_null()) return {};
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return "must be an object";
    store::RateLimit rate;
    bool has_burst = false;
    bool has_rate = false;
    for (const auto& [key, member] : object) {
        const bool is_burst = key == "burst";
        if (!is_burst && key != "requests_per_second") return "has an unknown or repeated key";
        if (is_burst ? has_burst : has_rate) return "has an unknown or repeated key";
        (is_burst ? has_burst : has_rate) = true;
        const Problem problem =
            read_number(member, is_burst ? rate.burst : rate.requests_per_second);
        if (!problem.empty()) return std::string(key) + " " + problem;
    }
    if (!has_rate) return "needs requests_per_second";
    if (!has_burst) rate.burst = rate.requests_per_second;
    out.spec.rate.emplace(rate);
    return {};
}

Problem read_sealed_key(const element& value, store::SecretRecord& out) {
    const auto text = text_of(value);
    std::array<std::uint8_t, auth::base64_decoded_bound(124)> bytes{};
    const auto size = text ? auth::decode_base64(*text, bytes) : std::nullopt;
    if (size != out.sealed_key.size()) return "key must be the base64 of a sealed key";
    std::copy_n(bytes.begin(), out.sealed_key.size(), out.sealed_key.begin());
    return {};
}

Problem read_one_sealed(const element& value, bool is_previous, store::SecretRecord& out) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return "must be an object";
    std::optional<store::Timestamp> created_at;
    bool has_key = false;
    for (const auto& [key, member] : object) {
        Problem problem;
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

Problem read_sealed(const element& value, const SectionNames&, ImportFields& out) {
    out.sealed.emplace();
    if (Problem problem = read_one_sealed(value, false, *out.sealed); !problem.empty()) {
        return problem;
    }
    element previous;
    if (value["previous"].get(previous) != simdjson::SUCCESS) return {};
    out.previous.emplace();
    const Problem problem = read_one_sealed(previous, true, *out.previous);
    return problem.empty() ? problem : "previous " + problem;
}

Problem read_secret(const element& value, const SectionNames&, ImportFields& out) {
    const auto text = text_of(value);
    if (!text) return "must be a string";
    out.api_secret.emplace(std::string(*text));
    return {};
}

struct Field {
    std::string_view key;
    bool may_be_null;
    Read read;
};

// Every key that an import line may have.
constexpr Field kFields[] = {
    {"name", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_text(v, out.spec.name);
     }},
    {"sections", false, read_sections},
    {"permissions", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_word(v, out.spec.read_write, "read-only", false, "read-write", true);
     }},
    {"status", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_word(v, out.spec.status, "live", auth::TokenStatus::live, "disabled",
                          auth::TokenStatus::disabled);
     }},
    {"environment", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_word(v, out.spec.environment, "live", auth::Environment::live, "test",
                          auth::Environment::test);
     }},
    {"account", true,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_text(v, out.spec.account);
     }},
    {"expires_at", true,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_time(v, out.spec.expires_at.emplace());
     }},
    {"allowed_ips", false, read_ips},
    {"allowed_origins", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_texts(v, out.spec.allowed_origins);
     }},
    {"rate", true, read_rate},
    {"require_signature", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_flag(v, out.spec.require_signature);
     }},
    {"require_form_signature", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_flag(v, out.spec.require_form_signature);
     }},
    {"debug", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_flag(v, out.spec.debug);
     }},
    {"created_at", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_time(v, out.created_at);
     }},
    {"id", false,
     [](const element& v, const SectionNames&, ImportFields& out) { return read_text(v, out.id); }},
    {"api_key", false,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_text(v, out.api_key);
     }},
    {"public_key", true,
     [](const element& v, const SectionNames&, ImportFields& out) {
         return read_text(v, out.public_key);
     }},
    {"api_secret", false, read_secret},
    {"sealed", false, read_sealed},
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
                                            const SectionNames& sections, ImportFields& out) {
    std::vector<std::string> problems;
    bool seen[std::size(kFields)] = {};
    for (const auto& [key, value] : object) {
        const auto* const field =
            std::find_if(std::begin(kFields), std::end(kFields),
                         [name = std::string_view(key)](const Field& f) { return f.key == name; });
        if (field == std::end(kFields)) {
            problems.push_back("unknown key " + printable(truncated(key, 40)));
            continue;
        }
        bool& is_seen = seen[field - std::begin(kFields)];
        if (is_seen) problems.push_back(std::string(key) + ": stands twice");
        is_seen = true;
        if (field->may_be_null && value.is_null()) continue;
        const Problem problem = field->read(value, sections, out);
        if (!problem.empty()) problems.push_back(std::string(key) + ": " + problem);
    }
    if (!seen[0]) problems.emplace_back("name: is required");
    if (!seen[1]) problems.emplace_back("sections: is required");
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
