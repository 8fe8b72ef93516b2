#include "gateway/json/token_fields.hpp"

#include <algorithm>
#include <iterator>

#include "auth/ip_rules.hpp"
#include "gateway/json/utf8_text.hpp"

namespace kwikgate::gateway {
namespace {

using simdjson::dom::element;

template <class Value>
FieldProblem read_word(const element& value, std::optional<Value>& out, std::string_view first_word,
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

FieldProblem clear(std::optional<std::string>& out) {
    out.emplace();
    return {};
}

FieldProblem read_sections(const element& value, const auth::SectionCatalogue& names,
                           auth::TokenSpec& out) {
    if (FieldProblem problem = read_texts(value, out.sections); !problem.empty()) return problem;
    for (const std::string& slug : *out.sections) {
        if (!names.id(slug)) {
            return "no section " + printable(truncated(slug, 40)) + "; there are " + names.list();
        }
    }
    return {};
}

FieldProblem read_ips(const element& value, const auth::SectionCatalogue&, auth::TokenSpec& out) {
    if (FieldProblem problem = read_texts(value, out.allowed_ips); !problem.empty()) {
        return problem;
    }
    for (const std::string& text : *out.allowed_ips) {
        if (!auth::parse_ip_range(text)) {
            return printable(truncated(text, 50)) + " is no address or block";
        }
    }
    return {};
}

FieldProblem read_rate(const element& value, const auth::SectionCatalogue&, auth::TokenSpec& out) {
    out.rate.emplace();
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
        const FieldProblem problem =
            read_number(member, is_burst ? rate.burst : rate.requests_per_second);
        if (!problem.empty()) return std::string(key) + " " + problem;
    }
    if (!has_rate) return "needs requests_per_second";
    if (!has_burst) rate.burst = rate.requests_per_second;
    out.rate.emplace(rate);
    return {};
}

FieldProblem read_max_concurrent(const element& value, const auth::SectionCatalogue&,
                                 auth::TokenSpec& out) {
    std::uint32_t most = 0;
    out.max_concurrent = 0;
    if (value.is_null()) return {};
    if (FieldProblem problem = read_number(value, most); !problem.empty()) return problem;
    if (most == 0) return "must be at least 1, or null for no cap";
    out.max_concurrent = most;
    return {};
}

struct Field {
    std::string_view key;
    FieldProblem (*read)(const element&, const auth::SectionCatalogue&, auth::TokenSpec&);
};

constexpr Field kFields[] = {
    {"name", [](const element& v, const auth::SectionCatalogue&,
                auth::TokenSpec& out) { return read_text(v, out.name); }},
    {"sections", read_sections},
    {"permissions",
     [](const element& v, const auth::SectionCatalogue&, auth::TokenSpec& out) {
         return read_word(v, out.read_write, "read-only", false, "read-write", true);
     }},
    {"status",
     [](const element& v, const auth::SectionCatalogue&, auth::TokenSpec& out) {
         return read_word(v, out.status, "live", auth::TokenStatus::live, "disabled",
                          auth::TokenStatus::disabled);
     }},
    {"environment",
     [](const element& v, const auth::SectionCatalogue&, auth::TokenSpec& out) {
         return read_word(v, out.environment, "live", auth::Environment::live, "test",
                          auth::Environment::test);
     }},
    {"account",
     [](const element& v, const auth::SectionCatalogue&, auth::TokenSpec& out) {
         if (v.is_null()) return clear(out.account);
         return read_text(v, out.account);
     }},
    {"expires_at",
     [](const element& v, const auth::SectionCatalogue&, auth::TokenSpec& out) {
         auto& expires_at = out.expires_at.emplace();
         return v.is_null() ? FieldProblem() : read_time(v, expires_at);
     }},
    {"allowed_ips", read_ips},
    {"allowed_origins", [](const element& v, const auth::SectionCatalogue&,
                           auth::TokenSpec& out) { return read_texts(v, out.allowed_origins); }},
    {"rate", read_rate},
    {"max_concurrent", read_max_concurrent},
    {"require_signature", [](const element& v, const auth::SectionCatalogue&,
                             auth::TokenSpec& out) { return read_flag(v, out.require_signature); }},
    {"require_form_signature",
     [](const element& v, const auth::SectionCatalogue&, auth::TokenSpec& out) {
         return read_flag(v, out.require_form_signature);
     }},
    {"debug", [](const element& v, const auth::SectionCatalogue&,
                 auth::TokenSpec& out) { return read_flag(v, out.debug); }},
};

}  // namespace

std::optional<FieldProblem> read_token_setting(std::string_view key, const element& value,
                                               const auth::SectionCatalogue& sections,
                                               auth::TokenSpec& out) {
    const auto* const field = std::find_if(std::begin(kFields), std::end(kFields),
                                           [key](const Field& f) { return f.key == key; });
    if (field == std::end(kFields)) return std::nullopt;
    return field->read(value, sections, out);
}

}  // namespace kwikgate::gateway
