#include "auth/signature/sha2.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <random>
#include <string>
#include <vector>

#include "auth/secret.hpp"

namespace kwikgate::auth {
namespace {

std::string random_text(std::mt19937& random, std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
}

template <class Hash>
std::vector<std::uint8_t> in_pieces(std::string_view text, std::size_t piece) {
    Hash hash;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        const std::string_view part = text.substr(at, piece);
        hash.update(std::span(reinterpret_cast<const std::uint8_t*>(part.data()), part.size()));
    }
    std::array<std::uint8_t, Hash::kSize> out;
    hash.finish(out);
    return {out.begin(), out.end()};
}

std::vector<std::uint8_t> by_evp(const EVP_MD* algorithm, std::string_view text) {
    std::vector<std::uint8_t> out(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    EXPECT_EQ(EVP_Digest(text.data(), text.size(), out.data(), &size, algorithm, nullptr), 1);
    out.resize(size);
    return out;
}

TEST(Sha2, IsThatOfOpenSslInPiecesOfAnySize) {
    std::mt19937 random(2);
    for (const std::size_t size : {0U, 1U, 55U, 56U, 63U, 64U, 65U, 111U, 112U, 128U, 1000U}) {
        const std::string text = random_text(random, size);
        for (const std::size_t piece : {1U, 7U, 64U, 2000U}) {
            EXPECT_EQ(in_pieces<Sha256>(text, piece), by_evp(EVP_sha256(), text)) << size;
            EXPECT_EQ(in_pieces<Sha512>(text, piece), by_evp(EVP_sha512(), text)) << size;
        }
    }
}

TEST(Sha2, GivesTheHmacOfSecretsShorterAndLongerThanABlock) {
    std::mt19937 random(3);
    for (const std::size_t size : {1U, 20U, 63U, 64U, 65U, 82U, 200U}) {
        const std::string secret = random_text(random, size);
        const std::string text = random_text(random, 10 * size);
        std::array<std::uint8_t, 32> expected;
        unsigned length = 0;
        HMAC(EVP_sha256(), secret.data(), static_cast<int>(size),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), expected.data(),
             &length);
        const HmacKey key = derive_hmac_key(secret);
        HmacSha256 hmac(key.expose());
        hmac.update(std::string_view(text).substr(0, size));
        hmac.update(std::string_view(text).substr(size));
        std::array<std::uint8_t, 32> out;
        hmac.finish(out);
        EXPECT_EQ(out, expected) << size;
    }
}

}  // namespace
}  // namespace kwikgate::auth
