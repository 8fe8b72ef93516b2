#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "auth/error.hpp"
#include "auth/secret.hpp"
#include "store/token_record.hpp"

struct evp_cipher_ctx_st;  // OpenSSL's EVP_CIPHER_CTX.

namespace kwikgate::auth {

/// The key that seals every K0. Lives in a 0600 file (64 hex digits) or a systemd credential,
/// never in the store. **Threads**: immutable, except that `Sealer` objects are one per thread.
class MasterKey {
  public:
    /// Throws std::runtime_error when the random generator fails.
    static MasterKey generate();
    /// **Errors**: `master_key_unreadable`, `master_key_permissions` (no regular file, or group or
    /// others may use it; the group may read one in $CREDENTIALS_DIRECTORY),
    /// `master_key_malformed`.
    static Result<MasterKey> load(const std::filesystem::path& file);
    /// Writes a new 0600 file, synced to disk. **Errors**: `master_key_exists`, or what the system
    /// says.
    Result<void> save(const std::filesystem::path& file) const;
    std::span<const std::uint8_t, 32> expose() const { return bytes_.expose(); }
    /// A value that tells, stored beside the tokens, whether the key is the right one.
    std::string check_value() const;
    /// HMAC-SHA256 of `text` in hex. Texts for different ends begin differently. Throws
    /// std::runtime_error when the cryptographic library fails.
    std::string mac(std::string_view text) const;

  private:
    SecretBytes<32> bytes_;
};

/// Seals and opens K0 under a master key. One per thread: keeps an AES context. Not copyable.
class Sealer {
  public:
    /// Throws std::runtime_error when OpenSSL has no AES-256-GCM.
    explicit Sealer(const MasterKey& key);
    Sealer(Sealer&&) noexcept;
    Sealer& operator=(Sealer&&) = delete;
    ~Sealer();
    /// Bound to `token_id`: a sealed key moved to another token does not open.
    Result<store::SealedKey> seal(const HmacKey& key, std::string_view token_id);
    /// False when the bytes were not sealed by this master key for this token. **Cost**: 0.2-0.4
    /// us, no allocation.
    [[nodiscard]] bool open(const store::SealedKey& sealed, std::string_view token_id,
                            HmacKey& out);

  private:
    struct FreeContext {
        void operator()(evp_cipher_ctx_st* context) const noexcept;
    };
    // Keyed once, because the key schedule costs more than the sealing.
    std::unique_ptr<evp_cipher_ctx_st, FreeContext> sealing_;
    std::unique_ptr<evp_cipher_ctx_st, FreeContext> opening_;
};

}  // namespace kwikgate::auth
