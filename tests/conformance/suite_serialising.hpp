#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/signature/canonical_field.hpp"
#include "auth/signature/structured_field.hpp"
#include "tests/conformance/suite_cases.hpp"

/// Serialises the value that a case expects, by the writers under test.
namespace kwikgate::auth {

inline std::string unbase32(std::string_view text) {
    std::string bytes;
    std::uint64_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '=') break;
        bits = bits << 5 | static_cast<unsigned>(c >= 'A' ? c - 'A' : c - '2' + 26);
        count += 5;
        if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xff);
    }
    return bytes;
}

inline bool serialise_bare(element value, BoundedText& out) {
    switch (value.type()) {
        case simdjson::dom::element_type::INT64:
        case simdjson::dom::element_type::UINT64:
            return write_integer(std::int64_t(value), out);
        case simdjson::dom::element_type::DOUBLE:
            return write_decimal(double(value), out);
        case simdjson::dom::element_type::STRING:
            return write_string(std::string_view(value), out);
        case simdjson::dom::element_type::BOOL:
            write_boolean(bool(value), out);
            return true;
        default:
            break;
    }
    const std::string_view kind = value["__type"];
    const element inner = value["value"];
    if (kind == "token") return write_token(std::string_view(inner), out);
    if (kind == "date") return write_date(std::int64_t(inner), out);
    if (kind == "displaystring") return write_display_string(std::string_view(inner), out);
    const std::string bytes = unbase32(std::string_view(inner));
    write_byte_sequence({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, out);
    return true;
}

inline bool is_true(element value) {
    return value.type() == simdjson::dom::element_type::BOOL && bool(value);
}

inline bool serialise_parameters(element parameters, BoundedText& out) {
    for (element pair : array(parameters)) {
        out.put(';');
        if (!write_key(std::string_view(pair.at(0)), out)) return false;
        if (is_true(pair.at(1))) continue;
        out.put('=');
        if (!serialise_bare(pair.at(1), out)) return false;
    }
    return true;
}

inline bool serialise_member(element member, BoundedText& out) {
    if (member.at(0).type() == simdjson::dom::element_type::ARRAY) {
        out.put('(');
        bool first = true;
        for (element item : array(member.at(0))) {
            if (!first) out.put(' ');
            first = false;
            if (!serialise_bare(item.at(0), out) || !serialise_parameters(item.at(1), out))
                return false;
        }
        out.put(')');
    } else if (!serialise_bare(member.at(0), out)) {
        return false;
    }
    return serialise_parameters(member.at(1), out);
}

inline bool serialise_field(std::string_view type, element expected, BoundedText& out) {
    if (type == "item") return serialise_member(expected, out);
    bool first = true;
    for (element member : array(expected)) {
        if (!first) out.put(", ");
        first = false;
        if (type == "list") {
            if (!serialise_member(member, out)) return false;
            continue;
        }
        if (!write_key(std::string_view(member.at(0)), out)) return false;
        const element value = member.at(1);
        if (is_true(value.at(0))) {
            if (!serialise_parameters(value.at(1), out)) return false;
            continue;
        }
        out.put('=');
        if (!serialise_member(value, out)) return false;
    }
    return true;
}

}  // namespace kwikgate::auth
