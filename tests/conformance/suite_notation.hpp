#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/signature/structured_field.hpp"
#include "tests/conformance/suite_cases.hpp"

/// What was parsed and what a case expects, brought into one plain text notation: type, value,
/// parameters.
namespace kwikgate::auth {

inline std::string base32(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint64_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 5; count -= 5) text += kAlphabet[bits >> (count - 5) & 31];
    }
    if (count > 0) text += kAlphabet[bits << (5 - count) & 31];
    while (text.size() % 8 != 0) text += '=';
    return text;
}

inline std::string quoted(std::string_view type, std::string_view text) {
    return std::string(type) + "<" + std::string(text) + ">";
}

inline std::string note_bare(const BareItem& item) {
    std::vector<char> memory(item.raw.size() + 1);
    BoundedText text(memory);
    switch (item.type) {
        case ItemType::integer:
            return quoted("int", std::to_string(item.number));
        case ItemType::decimal:
            return quoted("dec", std::to_string(item.number));
        case ItemType::string:
            EXPECT_TRUE(decode_text(item, text));
            return quoted("str", text.view());
        case ItemType::token:
            return quoted("tok", item.raw);
        case ItemType::byte_sequence: {
            std::string bytes;
            // Decoded by other code than the parser's, so that a mistake in one shows.
            std::uint32_t bits = 0;
            int count = 0;
            for (const char c : item.raw) {
                if (c == '=') break;
                const auto at = std::string_view(
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
                                    "yz0123456789+/")
                                    .find(c);
                bits = bits << 6 | static_cast<std::uint32_t>(at);
                count += 6;
                if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xff);
            }
            return quoted("bin", base32(bytes));
        }
        case ItemType::boolean:
            return quoted("bool", item.number != 0 ? "1" : "0");
        case ItemType::date:
            return quoted("date", std::to_string(item.number));
        case ItemType::display_string:
            EXPECT_TRUE(decode_text(item, text));
            return quoted("disp", text.view());
    }
    return {};
}

using Members = std::vector<std::pair<std::string, std::string>>;

inline void put_member(Members& members, std::string_view key, std::string value) {
    for (auto& [name, old] : members)
        if (name == key) {
            old = std::move(value);
            return;
        }
    members.emplace_back(key, std::move(value));
}

inline std::string note_members(const Members& members) {
    std::string text;
    for (const auto& [key, value] : members) text += key + "=" + value + " ";
    return text;
}

inline std::string read_parameters(FieldParser& parser) {
    Members members;
    FieldParameter parameter;
    while (parser.next_parameter(parameter))
        put_member(members, parameter.key, note_bare(parameter.value));
    return "{" + note_members(members) + "}";
}

inline std::string read_member(FieldParser& parser) {
    BareItem item;
    if (!parser.open_list()) {
        if (!parser.bare_item(item)) return {};
        const std::string bare = note_bare(item);
        return bare + read_parameters(parser);
    }
    std::string text = "(";
    while (parser.next_in_list(item)) {
        text += note_bare(item);
        text += read_parameters(parser) + " ";
    }
    return text + ")" + read_parameters(parser);
}

/// The whole field in notation, or nothing when it does not parse.
inline std::optional<std::string> read_field(std::string_view type,
                                             const std::vector<std::string>& lines) {
    std::string list;
    Members members;
    if (type == "item" && lines.size() != 1) return std::nullopt;
    for (const std::string& line : lines) {
        FieldParser parser(line);
        parser.start();
        if (type == "item") {
            list = read_member(parser);
            if (line.find('(') == 0) return std::nullopt;
        } else {
            bool is_empty = true;
            for (; parser.more(); is_empty = false) {
                std::string_view key;
                if (type == "list") {
                    list += read_member(parser) + " ";
                } else if (parser.key(key)) {
                    std::string value =
                        parser.equals() ? read_member(parser) : "bool<1>" + read_parameters(parser);
                    put_member(members, key, std::move(value));
                }
            }
            if (is_empty && lines.size() > 1) return std::nullopt;
        }
        if (!parser.finished()) return std::nullopt;
    }
    return type == "dictionary" ? note_members(members) : list;
}

// The same notation from the expected JSON.

inline std::string expect_bare(element value) {
    switch (value.type()) {
        case simdjson::dom::element_type::INT64:
        case simdjson::dom::element_type::UINT64:
            return quoted("int", std::to_string(std::int64_t(value)));
        case simdjson::dom::element_type::DOUBLE:
            return quoted("dec", std::to_string(std::llround(double(value) * 1000)));
        case simdjson::dom::element_type::STRING:
            return quoted("str", std::string_view(value));
        case simdjson::dom::element_type::BOOL:
            return quoted("bool", bool(value) ? "1" : "0");
        default:
            break;
    }
    const std::string_view kind = value["__type"];
    const element inner = value["value"];
    if (kind == "token") return quoted("tok", std::string_view(inner));
    if (kind == "binary") return quoted("bin", std::string_view(inner));
    if (kind == "date") return quoted("date", std::to_string(std::int64_t(inner)));
    return quoted("disp", std::string_view(inner));
}

inline std::string expect_parameters(element parameters) {
    std::string text = "{";
    for (element pair : array(parameters))
        text += std::string(std::string_view(pair.at(0))) + "=" + expect_bare(pair.at(1)) + " ";
    return text + "}";
}

inline std::string expect_member(element member) {
    if (member.at(0).type() != simdjson::dom::element_type::ARRAY)
        return expect_bare(member.at(0)) + expect_parameters(member.at(1));
    std::string text = "(";
    for (element item : array(member.at(0)))
        text += expect_bare(item.at(0)) + expect_parameters(item.at(1)) + " ";
    return text + ")" + expect_parameters(member.at(1));
}

inline std::string expect_field(std::string_view type, element expected) {
    if (type == "item") return expect_member(expected);
    std::string text;
    for (element member : array(expected)) {
        if (type == "dictionary")
            text += std::string(std::string_view(member.at(0))) + "=" +
                    expect_member(member.at(1)) + " ";
        else
            text += expect_member(member) + " ";
    }
    return text;
}

}  // namespace kwikgate::auth
