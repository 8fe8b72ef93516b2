#include "auth/token_settings.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kMaxCharacters = 100;

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
        const Utf8Character c = first_character(text);
        if (!c.is_valid() || is_control(c.value) || ++characters > kMaxCharacters) return false;
        any_visible = any_visible || !is_blank(c.value);
        text.remove_prefix(c.bytes);
    }
    return any_visible;
}

}  // namespace kwikgate::auth
