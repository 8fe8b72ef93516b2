#include "auth/secret.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <ostream>
#include <type_traits>
#include <vector>

namespace kwikgate::auth {
namespace {

template <class T, class = void>
struct IsPrintable : std::false_type {};
template <class T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<T>())>>
    : std::true_type {};
template <class T, class = void>
struct IsComparable : std::false_type {};
template <class T>
struct IsComparable<T, std::void_t<decltype(std::declval<T>() == std::declval<T>())>>
    : std::true_type {};

static_assert(IsPrintable<std::string>::value && IsComparable<std::string>::value);
static_assert(!IsPrintable<SecretString>::value && !IsPrintable<HmacKey>::value);
static_assert(!IsComparable<SecretString>::value && !IsComparable<HmacKey>::value);
static_assert(!std::is_copy_constructible_v<SecretString>);
static_assert(!std::is_copy_assignable_v<SecretString>);
static_assert(!std::is_copy_constructible_v<HmacKey> && !std::is_copy_assignable_v<HmacKey>);
static_assert(std::is_nothrow_move_constructible_v<SecretString>);
static_assert(!std::is_convertible_v<SecretString, std::string>);
static_assert(!std::is_convertible_v<SecretString, std::string_view>);

std::vector<std::uint8_t> hmac(std::string_view key, std::string_view text) {
    std::vector<std::uint8_t> mac(32);
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
    return mac;
}

TEST(HmacKey, SignsAsTheSecretItselfDoes) {
    for (const std::size_t size : {0U, 1U, 8U, 32U, 63U, 64U, 65U, 82U, 128U, 255U}) {
        std::string secret;
        for (std::size_t i = 0; i < size; ++i) secret += static_cast<char>('!' + i % 90);
        const HmacKey key = derive_hmac_key(secret);
        const std::string k0(key.expose().begin(), key.expose().end());
        EXPECT_EQ(hmac(k0, "text to sign"), hmac(secret, "text to sign")) << size;
    }
}

TEST(HmacKey, OfALongSecretDoesNotContainIt) {
    const std::string secret(82, 's');
    const HmacKey key = derive_hmac_key(secret);
    // SHA-256, then zeros up to the block size.
    for (std::size_t i = 32; i < 64; ++i) EXPECT_EQ(key.expose()[i], 0) << i;
    EXPECT_NE(key.expose()[0], 's');
}

TEST(SecretBytes, MovingLeavesNothingBehind) {
    SecretBytes<16> a;
    a.expose_mutable()[3] = 7;
    SecretBytes<16> b = std::move(a);
    EXPECT_EQ(b.expose()[3], 7);
    EXPECT_EQ(a.expose()[3], 0);  // NOLINT(bugprone-use-after-move): the claim of this test
    SecretBytes<16> c;
    c = std::move(b);
    EXPECT_EQ(c.expose()[3], 7);
    EXPECT_EQ(b.expose()[3], 0);  // NOLINT(bugprone-use-after-move)
}

TEST(SecretString, MovingLeavesNothingBehind) {
    for (const char* text : {"short", "a secret that is too long for the small string buffer"}) {
        SecretString a{std::string(text)};
        SecretString b = std::move(a);
        EXPECT_EQ(b.expose(), text);
        EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): the claim of this test
        SecretString c(std::string("before"));
        c = std::move(b);
        EXPECT_EQ(c.expose(), text);
        EXPECT_TRUE(b.empty());  // NOLINT(bugprone-use-after-move)
    }
}

TEST(SecretBytes, AreWipedWhenTheyDie) {
    alignas(SecretBytes<32>) std::array<unsigned char, sizeof(SecretBytes<32>)> place{};
    auto* secret = new (place.data()) SecretBytes<32>();
    secret->expose_mutable()[5] = 0xab;
    secret->~SecretBytes();
    // Read through a volatile pointer, so that the compiler has to look.
    const volatile unsigned char* bytes = place.data();
    for (std::size_t i = 0; i < place.size(); ++i) EXPECT_EQ(bytes[i], 0) << i;
}

TEST(ConstantTimeEqual, ComparesContentsAndLength) {
    const std::array<std::uint8_t, 3> a = {1, 2, 3};
    const std::array<std::uint8_t, 3> same = {1, 2, 3};
    const std::array<std::uint8_t, 3> other = {1, 2, 4};
    const std::array<std::uint8_t, 2> shorter = {1, 2};
    EXPECT_TRUE(constant_time_equal(a, same));
    EXPECT_FALSE(constant_time_equal(a, other));
    EXPECT_FALSE(constant_time_equal(a, shorter));
    EXPECT_TRUE(constant_time_equal({}, {}));
}

}  // namespace
}  // namespace kwikgate::auth
