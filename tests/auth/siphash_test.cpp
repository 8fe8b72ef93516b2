#include "auth/siphash.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>
#include <random>
#include <vector>

namespace kwikgate::auth {
namespace {

/// The same function by OpenSSL.
Hash128 reference(const SipKey& key, const std::vector<std::uint8_t>& bytes) {
    EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
    EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac);
    std::size_t size = 16;
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t("size", &size),
                                     OSSL_PARAM_construct_end()};
    Hash128 hash;
    std::array<std::uint8_t, 16> out{};
    EXPECT_EQ(EVP_MAC_init(context, key.data(), key.size(), parameters), 1);
    EXPECT_EQ(EVP_MAC_update(context, bytes.data(), bytes.size()), 1);
    EXPECT_EQ(EVP_MAC_final(context, out.data(), &size, out.size()), 1);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    std::memcpy(&hash.low, out.data(), 8);
    std::memcpy(&hash.high, out.data() + 8, 8);
    return hash;
}

TEST(SipHash, IsThatOfOpenSslForEveryLength) {
    std::mt19937 random(24);
    for (std::size_t size = 0; size < 200; ++size) {
        SipKey key;
        for (auto& byte : key) byte = static_cast<std::uint8_t>(random());
        std::vector<std::uint8_t> bytes(size);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        EXPECT_EQ(siphash_128(key, bytes), reference(key, bytes)) << size;
    }
}

}  // namespace
}  // namespace kwikgate::auth
