#include "auth/utf8.hpp"

#include <algorithm>

namespace kwikgate::auth {
namespace {

constexpr std::size_t kLongest = 4;

/// The bits of a character that its first byte holds, by how many bytes it has.
constexpr std::uint8_t kFirstBits[kLongest + 1] = {0, 0x7f, 0x1f, 0x0f, 0x07};

}  // namespace

Utf8Character first_character(std::string_view text) {
    Utf8Check check;
    char32_t value = 0;
    const std::size_t most = std::min(kLongest, text.size());
    for (std::size_t size = 1; size <= most; ++size) {
        if (!check.feed(static_cast<std::uint8_t>(text[size - 1]))) break;
        if (!check.complete()) continue;
        value = static_cast<std::uint8_t>(text[0]) & kFirstBits[size];
        for (std::size_t i = 1; i < size; ++i)
            value = (value << 6) | (static_cast<std::uint8_t>(text[i]) & 0x3fU);
        return {value, size};
    }
    return {};
}

}  // namespace kwikgate::auth
