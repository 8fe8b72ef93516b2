#include "gateway/json/utf8_text.hpp"

#include <algorithm>
#include <iterator>

#include "auth/utf8.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

struct Range {
    char32_t first, last;
};

template <std::size_t Size>
bool in_ranges(char32_t value, const Range (&ranges)[Size]) {
    return std::any_of(std::begin(ranges), std::end(ranges), [value](const Range& range) {
        return value >= range.first && value <= range.last;
    });
}

constexpr Range kZeroWidth[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},
                                {0x064B, 0x065F}, {0x0E34, 0x0E3A}, {0x200B, 0x200F},
                                {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                           {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                           {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                           {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range kSteering[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C},
                               {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

std::size_t width_of(char32_t value) {
    if (value == auth::kNoCharacter) return 1;
    if (in_ranges(value, kZeroWidth)) return 0;
    return in_ranges(value, kWide) ? 2 : 1;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const auth::Utf8Character c = auth::first_character(text);
        width += width_of(c.value);
        text.remove_prefix(c.bytes);
    }
    return width;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auth::Utf8Character c = auth::first_character(text);
        const bool is_kept = c.is_valid() && !in_ranges(c.value, kSteering);
        out += is_kept ? text.substr(0, c.bytes) : kReplacement;
        text.remove_prefix(c.bytes);
    }
    return out;
}

std::string truncated(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) return std::string(text);
    std::string out;
    std::size_t width = 0;
    while (!text.empty()) {
        const auth::Utf8Character c = auth::first_character(text);
        width += width_of(c.value);
        if (width >= columns) break;
        out += text.substr(0, c.bytes);
        text.remove_prefix(c.bytes);
    }
    return out + std::string(kEllipsis);
}

}  // namespace kwikgate::gateway
