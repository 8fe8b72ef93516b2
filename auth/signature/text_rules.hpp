#pragma once

#include <cstdint>
#include <string_view>

namespace kwikgate::auth {

/// Character tests over ASCII, independent of the locale.
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_alpha(char c) {
    return is_lower(c) || is_upper(c);
}
constexpr char to_lower(char c) {
    return is_upper(c) ? static_cast<char>(c + 32) : c;
}

/// Value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
/// Value of two digits, or -1.
constexpr int hex_pair(char high, char low) {
    const int h = hex_value(high);
    const int l = hex_value(low);
    return h < 0 || l < 0 ? -1 : h * 16 + l;
}

inline constexpr std::string_view kLowerHex = "0123456789abcdef";
inline constexpr std::string_view kUpperHex = "0123456789ABCDEF";

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    return true;
}

/// Checks UTF-8 byte by byte: no overlong forms, surrogates or values above U+10FFFF. **Spec**: RFC
/// 3629, 4.
class Utf8Check {
  public:
    /// False at the first byte that cannot follow.
    constexpr bool feed(std::uint8_t byte) {
        if (left_ > 0) {
            const bool fits = byte >= low_ && byte <= high_;
            low_ = 0x80;
            high_ = 0xbf;
            --left_;
            return fits;
        }
        if (byte < 0x80) return true;
        if (byte >= 0xc2 && byte <= 0xdf) return expect(1, 0x80, 0xbf);
        if (byte == 0xe0) return expect(2, 0xa0, 0xbf);
        if (byte == 0xed) return expect(2, 0x80, 0x9f);
        if (byte >= 0xe1 && byte <= 0xef) return expect(2, 0x80, 0xbf);
        if (byte == 0xf0) return expect(3, 0x90, 0xbf);
        if (byte >= 0xf1 && byte <= 0xf3) return expect(3, 0x80, 0xbf);
        if (byte == 0xf4) return expect(3, 0x80, 0x8f);
        return false;
    }
    constexpr bool complete() const { return left_ == 0; }

  private:
    constexpr bool expect(int count, std::uint8_t low, std::uint8_t high) {
        left_ = count;
        low_ = low;
        high_ = high;
        return true;
    }
    int left_ = 0;
    std::uint8_t low_ = 0x80;
    std::uint8_t high_ = 0xbf;
};

}  // namespace kwikgate::auth
