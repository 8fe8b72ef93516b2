// The one-shot EVP digest fetches an algorithm and allocates on every call, and this runs for every
// Basic request. The low-level functions do neither and cannot fail.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "auth/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace kwikgate::auth {

void wipe(void* data, std::size_t size) noexcept {
    OPENSSL_cleanse(data, size);
}

bool constant_time_equal(std::span<const std::uint8_t> a,
                         std::span<const std::uint8_t> b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

namespace {

/// Wipes the whole capacity: short strings and shrunken ones leave bytes behind their end.
void wipe_string(std::string& value) noexcept {
    value.resize(value.capacity());
    wipe(value.data(), value.size());
    value.clear();
}

}  // namespace

SecretString::SecretString(SecretString&& other) noexcept : value_(std::move(other.value_)) {
    wipe_string(other.value_);
}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
    if (this != &other) {
        wipe_string(value_);
        value_ = std::move(other.value_);
        wipe_string(other.value_);
    }
    return *this;
}

SecretString::~SecretString() {
    wipe_string(value_);
}

HmacKey derive_hmac_key(std::string_view secret) {
    HmacKey key;
    const auto out = key.expose_mutable();
    if (secret.size() <= out.size()) {
        if (!secret.empty()) std::memcpy(out.data(), secret.data(), secret.size());
        return key;
    }
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, secret.data(), secret.size());
    SHA256_Final(out.data(), &context);
    wipe(&context, sizeof context);
    return key;
}

}  // namespace kwikgate::auth
