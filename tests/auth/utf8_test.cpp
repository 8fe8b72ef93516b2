#include "auth/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kwikgate::auth {
namespace {

/// RFC 3629, 3, by the ranges of characters and nothing else.
std::string encode(char32_t c) {
    const auto byte = [](char32_t value) { return static_cast<char>(value); };
    const auto last = [&](char32_t value) { return byte(0x80 | (value & 0x3f)); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xc0 | (c >> 6)), last(c)};
    if (c < 0x10000) return {byte(0xe0 | (c >> 12)), last(c >> 6), last(c)};
    return {byte(0xf0 | (c >> 18)), last(c >> 12), last(c >> 6), last(c)};
}

TEST(Utf8, EveryCharacterIsReadBackAndNoSurrogate) {
    for (char32_t c = 0; c <= 0x110100; ++c) {
        const bool is_character = (c < 0xd800 || c > 0xdfff) && c <= 0x10ffff;
        const std::string bytes = encode(c);
        const Utf8Character read = first_character(bytes + "z");
        ASSERT_EQ(read.is_valid(), is_character) << static_cast<unsigned>(c);
        ASSERT_EQ(read.bytes, is_character ? bytes.size() : 1) << static_cast<unsigned>(c);
        if (is_character) {
            ASSERT_EQ(read.value, c);
        }
    }
}

TEST(Utf8, WhatIsCutOffOrTooLongIsNoCharacter) {
    for (const char* text : {"\x80", "\xc3", "\xc3(", "\xe2\x82", "\xf0\x9f\x98", "\xc0\xaf",
                             "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf5\x80\x80\x80", "\xff"}) {
        const Utf8Character read = first_character(text);
        EXPECT_FALSE(read.is_valid()) << text;
        EXPECT_EQ(read.bytes, 1U) << text;
    }
}

}  // namespace
}  // namespace kwikgate::auth
