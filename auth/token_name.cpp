#include "auth/token_settings.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kMaxCharacters = 100;
constexpr char32_t kInvalid = 0xffffffff;

/// Takes one character off the front; kInvalid when the bytes are not UTF-8 (RFC 3629): too long a
/// form, a surrogate, above U+10FFFF, cut off.
char32_t take_character(std::string_view& text) {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    std::size_t size = 1;
    char32_t value = first;
    char32_t lowest = 0;
    if (first >= 0xf0 && first < 0xf5) {
        size = 4, value = first & 0x07U, lowest = 0x10000;
    } else if (first >= 0xe0 && first < 0xf0) {
        size = 3, value = first & 0x0fU, lowest = 0x800;
    } else if (first >= 0xc2 && first < 0xe0) {
        size = 2, value = first & 0x1fU, lowest = 0x80;
    } else if (first >= 0x80) {
        return kInvalid;
    }
    if (text.size() < size) return kInvalid;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return kInvalid;
        value = (value << 6) | (byte(i) & 0x3fU);
    }
    if (value < lowest || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return kInvalid;
    text.remove_prefix(size);
    return value;
}

bool is_control(char32_t c) {
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    const bool separator = c == 0x2028 || c == 0x2029;
    const bool direction = c == 0x061c || c == 0x200e || c == 0x200f ||
                           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return control || separator || direction;
}

bool is_blank(char32_t c) {
    return c == ' ' || c == 0xa0 || c == 0x3000 || c == 0xfeff;
}

}  // namespace

bool is_valid_name(std::string_view text) {
    std::size_t characters = 0;
    bool any_visible = false;
    while (!text.empty()) {
        const char32_t c = take_character(text);
        if (c == kInvalid || is_control(c) || ++characters > kMaxCharacters) return false;
        any_visible = any_visible || !is_blank(c);
    }
    return any_visible;
}

}  // namespace kwikgate::auth
