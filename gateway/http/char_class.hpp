#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/ascii.hpp"

/// Byte classes of the HTTP grammar, one table load a byte. **Threads**: constants.
/// **Spec**: RFC 9110 5.6.2 (token), 5.5 (field-value), RFC 3986 2 and 3.2.2.
namespace kwikgate::gateway::http {

inline constexpr std::uint8_t kTokenChar = 1U << 0U;     ///< tchar
inline constexpr std::uint8_t kValueChar = 1U << 1U;     ///< HTAB, SP, VCHAR, obs-text
inline constexpr std::uint8_t kDigitChar = 1U << 2U;     ///< 0-9
inline constexpr std::uint8_t kHexChar = 1U << 3U;       ///< 0-9 A-F a-f
inline constexpr std::uint8_t kPathChar = 1U << 4U;      ///< pchar, '/' and []^|, without '%'
inline constexpr std::uint8_t kQueryChar = 1U << 5U;     ///< visible ASCII without '%', '#'
inline constexpr std::uint8_t kHostChar = 1U << 6U;      ///< letters, digits, '-', '.', '_'
inline constexpr std::uint8_t kAlphanumeric = 1U << 7U;  ///< letters and digits

namespace detail {
constexpr bool contains(std::string_view set, char c) {
    return set.find(c) != std::string_view::npos;
}

constexpr std::array<std::uint8_t, 256> make_char_classes() {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i < 256; ++i) {
        const auto c = static_cast<char>(static_cast<unsigned char>(i));
        const bool digit = i >= '0' && i <= '9';
        const bool letter = (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z');
        const bool hex = digit || (i >= 'a' && i <= 'f') || (i >= 'A' && i <= 'F');
        const bool alphanumeric = digit || letter;
        const bool visible = i > 0x20 && i < 0x7f;
        unsigned bits = 0;
        if (alphanumeric || (visible && contains("!#$%&'*+-.^_`|~", c))) bits |= kTokenChar;
        if (i == '\t' || (i >= 0x20 && i != 0x7f)) bits |= kValueChar;
        if (digit) bits |= kDigitChar;
        if (hex) bits |= kHexChar;
        if (alphanumeric || (visible && contains("-._~!$&'()*+,;=:@/[]^|", c))) bits |= kPathChar;
        if (visible && !contains("%#", c)) bits |= kQueryChar;
        if (alphanumeric || (visible && contains("-._", c))) bits |= kHostChar;
        if (alphanumeric) bits |= kAlphanumeric;
        table[i] = static_cast<std::uint8_t>(bits);
    }
    return table;
}
}  // namespace detail

inline constexpr std::array<std::uint8_t, 256> kCharClasses = detail::make_char_classes();

constexpr bool is_class(char c, std::uint8_t char_class) {
    return (kCharClasses[static_cast<unsigned char>(c)] & char_class) != 0;
}

constexpr bool all_of_class(std::string_view text, std::uint8_t char_class) {
    for (const char c : text)
        if (!is_class(c, char_class)) return false;
    return true;
}

using auth::equal_ignoring_case;
using auth::to_lower;

/// Value of a hex digit; the caller has checked `kHexChar`.
constexpr unsigned hex_value(char c) {
    if (c <= '9') return static_cast<unsigned>(c - '0');
    return static_cast<unsigned>(to_lower(c) - 'a') + 10U;
}

/// Without the optional white space (SP, HTAB) around it.
constexpr std::string_view trim_ows(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Calls `visit(element)` for every comma-separated element, trimmed, empty ones included.
template <class Visit>
constexpr void for_each_list_element(std::string_view list, Visit&& visit) {
    for (;;) {
        const std::size_t comma = list.find(',');
        visit(trim_ows(list.substr(0, comma)));
        if (comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

}  // namespace kwikgate::gateway::http
