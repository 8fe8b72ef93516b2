#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kwikgate::auth {

/// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.

inline constexpr char32_t kNoCharacter = 0xffffffff;

struct Utf8Character {
    char32_t value = kNoCharacter;
    std::size_t bytes = 1;
    bool is_valid() const { return value != kNoCharacter; }
};
/// The character at the front of `text`, which is not empty; one byte that is none where it is not
/// UTF-8. **Cost**: no allocation.
Utf8Character first_character(std::string_view text);

/// Checks UTF-8 byte by byte, for text that is decoded as it comes.
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
