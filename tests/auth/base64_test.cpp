#include "auth/base64.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace kwikgate::auth {
namespace {

std::optional<std::string> decoded(std::string_view text) {
    std::vector<std::uint8_t> bytes(base64_decoded_bound(text.size()));
    const auto size = decode_base64(text, bytes);
    if (!size) return std::nullopt;
    return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*size));
}

std::string encoded(std::string_view text) {
    return encode_base64(
        std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

TEST(Base64, KnowsTheVectorsOfTheRfc) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        EXPECT_EQ(encoded(plain), text);
        EXPECT_EQ(decoded(text), plain);
    }
}

TEST(Base64, RefusesEverySpellingButOne) {
    for (const char* text :
         {"Z", "Zg", "Zg=", "Zm8", "Zh==", "Zm9=", "Zg==Zg==", "=g==", "Z===", "====", "Zm9v\n",
          "Zm 9", "Zm9-", "Zm9_", "Z=9v", "Zm=v", "Zm9v=", "Zg=g"})
        EXPECT_FALSE(decoded(text)) << text;
}

std::optional<std::string> sequence(std::string_view text) {
    std::vector<std::uint8_t> bytes(base64_decoded_bound(text.size()));
    const auto size = decode_byte_sequence(text, bytes);
    EXPECT_EQ(size.has_value(), is_byte_sequence(text)) << text;
    if (!size) return std::nullopt;
    return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*size));
}

TEST(Base64, ReadsByteSequencesWithoutPadding) {
    const std::pair<std::string_view, std::string_view> spellings[] = {{"", ""},
                                                                       {"Zg==", "f"},
                                                                       {"Zg", "f"},
                                                                       {"Zm8=", "fo"},
                                                                       {"Zm8", "fo"},
                                                                       {"Zm9v", "foo"},
                                                                       {"Zm9vYg", "foob"},
                                                                       {"Zm9vYg==", "foob"},
                                                                       {"Zm9vYmE", "fooba"},
                                                                       {"////", "\xff\xff\xff"}};
    for (const auto& [text, plain] : spellings) EXPECT_EQ(sequence(text), plain) << text;
    // Padding that does stand there is whole.
    for (const char* text : {"Zh", "Zh==", "Zm9", "Zm9=", "Zm9vYh", "Z", "Zm9vY", "Zg=", "Zm8==",
                             "Zm9v=", "Zm9v==", "=", "==", "Z===", "Zg==Zg", "=Zg", "Z=g"})
        EXPECT_FALSE(sequence(text)) << text;
    std::vector<std::uint8_t> small(1);
    EXPECT_EQ(decode_byte_sequence("Zg", small), 1U);
    EXPECT_FALSE(decode_byte_sequence("Zm8", small));
}

TEST(Base64, WritesNothingBeyondTheRoomItHas) {
    std::vector<std::uint8_t> bytes(2);
    EXPECT_FALSE(decode_base64("Zm9v", bytes));
    EXPECT_EQ(decode_base64("Zm8=", bytes), 2U);
    std::vector<char> text(3);
    EXPECT_EQ(encode_base64(bytes, text), 0U);
}

TEST(Base64, ReadsBackWhatItWrote) {
    std::mt19937 random(1);
    for (std::size_t size = 0; size < 300; ++size) {
        std::string bytes(size, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        EXPECT_EQ(decoded(encoded(bytes)), bytes);
    }
}

}  // namespace
}  // namespace kwikgate::auth
