// The block functions are deprecated in OpenSSL 3 in favour of EVP, whose per-message cost (fetch,
// context set-up, indirect calls) is larger than that of hashing a signature base. They remain, and
// choose SHA-NI or AVX at run time like EVP does.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "auth/signature/sha2.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <new>

namespace kwikgate::auth {
namespace {

template <class Context, std::size_t Size>
Context* context_in(std::array<std::byte, Size>& memory) {
    static_assert(sizeof(Context) <= Size && alignof(Context) <= 8);
    return std::launder(reinterpret_cast<Context*>(memory.data()));
}

}  // namespace

void Sha256::reset() noexcept {
    SHA256_Init(::new (state_.data()) SHA256_CTX);
}

void Sha256::update(std::span<const std::uint8_t> bytes) noexcept {
    SHA256_Update(context_in<SHA256_CTX>(state_), bytes.data(), bytes.size());
}

void Sha256::update(std::string_view text) noexcept {
    SHA256_Update(context_in<SHA256_CTX>(state_), text.data(), text.size());
}

void Sha256::finish(std::span<std::uint8_t, kSize> out) noexcept {
    SHA256_Final(out.data(), context_in<SHA256_CTX>(state_));
    OPENSSL_cleanse(state_.data(), state_.size());
}

void Sha512::reset() noexcept {
    SHA512_Init(::new (state_.data()) SHA512_CTX);
}

void Sha512::update(std::span<const std::uint8_t> bytes) noexcept {
    SHA512_Update(context_in<SHA512_CTX>(state_), bytes.data(), bytes.size());
}

void Sha512::finish(std::span<std::uint8_t, kSize> out) noexcept {
    SHA512_Final(out.data(), context_in<SHA512_CTX>(state_));
    OPENSSL_cleanse(state_.data(), state_.size());
}

HmacSha256::HmacSha256(std::span<const std::uint8_t, 64> k0) noexcept {
    std::array<std::uint8_t, 64> pad;
    for (std::size_t i = 0; i < 64; ++i) pad[i] = k0[i] ^ 0x36U;
    inner_.update(std::span<const std::uint8_t>(pad));
    for (std::size_t i = 0; i < 64; ++i) pad[i] = k0[i] ^ 0x5cU;
    outer_.update(std::span<const std::uint8_t>(pad));
    OPENSSL_cleanse(pad.data(), pad.size());
}

HmacSha256::HmacSha256(const HmacSha256Key& key) noexcept
    : inner_(key.begun_.inner_), outer_(key.begun_.outer_) {}

HmacSha256::~HmacSha256() {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
}

void HmacSha256::finish(std::span<std::uint8_t, kSize> out) noexcept {
    std::array<std::uint8_t, kSize> inner;
    inner_.finish(inner);
    outer_.update(std::span<const std::uint8_t>(inner));
    outer_.finish(out);
}

}  // namespace kwikgate::auth
