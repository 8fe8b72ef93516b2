#include "auth/siphash.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <bit>
#include <random>
#include <span>
#include <vector>

namespace kwikgate::auth {
namespace {

/// The same function by OpenSSL.
template <std::size_t Size>
std::array<std::uint8_t, Size> reference(const SipKey& key, std::span<const std::uint8_t> bytes,
                                         unsigned rounds_a_word, unsigned last_rounds) {
    EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
    EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac);
    std::size_t size = Size;
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t("size", &size),
                                     OSSL_PARAM_construct_uint("c-rounds", &rounds_a_word),
                                     OSSL_PARAM_construct_uint("d-rounds", &last_rounds),
                                     OSSL_PARAM_construct_end()};
    std::array<std::uint8_t, Size> out{};
    EXPECT_EQ(EVP_MAC_init(context, key.data(), key.size(), parameters), 1);
    EXPECT_EQ(EVP_MAC_update(context, bytes.data(), bytes.size()), 1);
    EXPECT_EQ(EVP_MAC_final(context, out.data(), &size, out.size()), 1);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return out;
}

SipKey random_key(std::mt19937& random) {
    SipKey key;
    for (auto& byte : key) byte = static_cast<std::uint8_t>(random());
    return key;
}

TEST(SipHash, IsThatOfOpenSslForEveryLength) {
    std::mt19937 random(24);
    for (std::size_t size = 0; size < 200; ++size) {
        const SipKey key = random_key(random);
        std::vector<std::uint8_t> bytes(size);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        const Hash128 hash = siphash_128(key, bytes);
        EXPECT_EQ((std::bit_cast<std::array<std::uint8_t, 16>>(hash)),
                  (reference<16>(key, bytes, 2, 4)))
            << size;
    }
}

TEST(SipHash, OfOneWordIsThatOfOpenSslWithFewerRounds) {
    std::mt19937_64 words(25);
    std::mt19937 random(26);
    for (int i = 0; i < 200; ++i) {
        const SipKey key = random_key(random);
        const std::uint64_t word = words();
        const auto bytes = std::bit_cast<std::array<std::uint8_t, 8>>(word);
        EXPECT_EQ((std::bit_cast<std::array<std::uint8_t, 8>>(siphash_word(key, word))),
                  (reference<8>(key, bytes, 1, 3)));
    }
}

}  // namespace
}  // namespace kwikgate::auth
