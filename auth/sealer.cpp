#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <utility>

#include "auth/master_key.hpp"

namespace kwikgate::auth {
namespace {

constexpr int kNonceBytes = 12;
constexpr int kKeyBytes = 64;
constexpr int kTagBytes = 16;
static_assert(sizeof(store::SealedKey) == kNonceBytes + kKeyBytes + kTagBytes);
constexpr std::size_t kMaxTokenIdBytes = 256;

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// A context that has the key already, so that a use only sets the nonce.
EVP_CIPHER_CTX* keyed_context(const MasterKey& key, bool encrypts) {
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    if (context == nullptr || EVP_CipherInit_ex2(context, EVP_aes_256_gcm(), key.expose().data(),
                                                 nullptr, encrypts ? 1 : 0, nullptr) != 1) {
        EVP_CIPHER_CTX_free(context);
        throw std::runtime_error("the cryptographic library failed");
    }
    return context;
}

}  // namespace

Sealer::Sealer(const MasterKey& key)
    : sealing_(keyed_context(key, true)), opening_(keyed_context(key, false)) {}

Sealer::Sealer(Sealer&& other) noexcept
    : sealing_(std::move(other.sealing_)), opening_(std::move(other.opening_)) {}

Sealer::~Sealer() = default;

void Sealer::FreeContext::operator()(evp_cipher_ctx_st* context) const noexcept {
    EVP_CIPHER_CTX_free(context);
}

Result<store::SealedKey> Sealer::seal(const HmacKey& key, std::string_view token_id) {
    if (token_id.size() > kMaxTokenIdBytes) return Errc::crypto_failure;
    store::SealedKey sealed;
    unsigned char* nonce = sealed.data();
    unsigned char* ciphertext = nonce + kNonceBytes;
    unsigned char* tag = ciphertext + kKeyBytes;
    EVP_CIPHER_CTX* context = sealing_.get();
    int size = 0;
    int rest = 0;
    // A random nonce of 96 bits: 2^32 secrets under one master key stay below a chance of 2^-32.
    const bool done =
        RAND_bytes(nonce, kNonceBytes) == 1 &&
        EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce, nullptr) == 1 &&
        EVP_EncryptUpdate(context, nullptr, &size, as_bytes(token_id),
                          static_cast<int>(token_id.size())) == 1 &&
        EVP_EncryptUpdate(context, ciphertext, &size, key.expose().data(), kKeyBytes) == 1 &&
        EVP_EncryptFinal_ex(context, ciphertext + size, &rest) == 1 && size + rest == kKeyBytes &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1;
    if (!done) return Errc::crypto_failure;
    return sealed;
}

bool Sealer::open(const store::SealedKey& sealed, std::string_view token_id, HmacKey& out) {
    const unsigned char* nonce = sealed.data();
    const unsigned char* ciphertext = nonce + kNonceBytes;
    std::array<unsigned char, kTagBytes> tag{};
    std::memcpy(tag.data(), ciphertext + kKeyBytes, tag.size());
    EVP_CIPHER_CTX* context = opening_.get();
    unsigned char* plain = out.expose_mutable().data();
    int size = 0;
    int rest = 0;
    const bool opened =
        token_id.size() <= kMaxTokenIdBytes &&
        EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce, nullptr) == 1 &&
        EVP_DecryptUpdate(context, nullptr, &size, as_bytes(token_id),
                          static_cast<int>(token_id.size())) == 1 &&
        EVP_DecryptUpdate(context, plain, &size, ciphertext, kKeyBytes) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context, plain + size, &rest) == 1 && size + rest == kKeyBytes;
    // What was decrypted before the tag turned out wrong must not be used by anybody.
    if (!opened) wipe(plain, kKeyBytes);
    return opened;
}

}  // namespace kwikgate::auth
