#include "auth/ascii.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace kwikgate::auth {
namespace {

TEST(Ascii, CaseIsThatOfAsciiLettersAlone) {
    EXPECT_EQ(lower_case("Kwik-42 \xc3\x84"), "kwik-42 \xc3\x84");
    EXPECT_EQ(upper_case("kwik_z{"), "KWIK_Z{");
    EXPECT_TRUE(equal_ignoring_case("Basic", "bASIC"));
    EXPECT_FALSE(equal_ignoring_case("Basic", "Basi"));
    EXPECT_FALSE(equal_ignoring_case("[", "{"));
}

TEST(Ascii, VisibleIsPrintableWithoutBlanks) {
    EXPECT_TRUE(is_visible_ascii("!~"));
    EXPECT_FALSE(is_visible_ascii("a b"));
    EXPECT_TRUE(is_printable_ascii("a b"));
    for (const char* text : {"a\tb", "a\x7f", "\xc3\xa4"}) EXPECT_FALSE(is_printable_ascii(text));
}

TEST(Ascii, HexadecimalDigitsAreReadInBothCases) {
    EXPECT_EQ(hex_pair('a', 'F'), 0xaf);
    EXPECT_EQ(hex_pair('0', '9'), 9);
    EXPECT_EQ(hex_pair('g', '0'), -1);
    EXPECT_EQ(hex_pair('0', ' '), -1);
    EXPECT_EQ(to_hex(std::array<std::uint8_t, 3>{0x00, 0x9f, 0xff}), "009fff");
}

TEST(Ascii, ANumberIsReadWholeOrNotAtAll) {
    std::uint16_t number = 0;
    EXPECT_TRUE(read_decimal("65535", number));
    EXPECT_EQ(number, 65535);
    for (const char* text : {"", "65536", "1 ", " 1", "+1", "-1", "0x1"})
        EXPECT_FALSE(read_decimal(text, number)) << text;
}

}  // namespace
}  // namespace kwikgate::auth
