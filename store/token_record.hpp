#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/error.hpp"
#include "store/types.hpp"

namespace kwikgate::store {

/// HMAC key K0 (64 bytes) sealed with AES-256-GCM: nonce (12), ciphertext (64), tag (16).
using SealedKey = std::array<std::uint8_t, 92>;

inline constexpr std::size_t kMaxNameBytes = 400;  ///< 100 characters of UTF-8.
inline constexpr std::size_t kMaxAccountBytes = 128;
inline constexpr std::size_t kMaxCredentialBytes = 255;
inline constexpr std::size_t kMaxAllowedIps = 64;
inline constexpr std::size_t kMaxAllowedOrigins = 32;
inline constexpr std::size_t kMaxOriginBytes = 255;
inline constexpr std::size_t kEncodedIpBytes = 17;  ///< An address and its prefix_bits.
inline constexpr std::size_t kTokenIdBytes = 26;    ///< "tok_" and 22 base62 characters.

/// One secret of a token. A token has one, or two while a rotation overlaps.
struct SecretRecord {
    SealedKey sealed_key{};
    Timestamp created_at{};
    std::optional<Timestamp> valid_until;  ///< Set on the old secret by a rotation.
    std::uint32_t generation = 1;          ///< 1 for the first secret, then counting up.
    friend bool operator==(const SecretRecord&, const SecretRecord&) = default;
};

/// A token as the management side sees it: owning, comparable.
struct TokenRecord {
    TokenNumber number{};
    std::string id;
    std::string name;
    std::string api_key;
    std::string public_key;  ///< Empty when the token has none.
    Timestamp created_at{};
    Timestamp updated_at{};
    std::uint64_t version = 1;  ///< Counts changes; for optimistic locking.
    TokenStatus status = TokenStatus::live;
    Environment environment = Environment::live;
    SectionSet readable;
    SectionSet writable;  ///< Empty means read-only.
    std::string account;  ///< Opaque, handed to the upstream; empty for none.
    std::optional<Timestamp> expires_at;
    std::vector<IpRange> allowed_ips;          ///< Empty allows every address.
    std::vector<std::string> allowed_origins;  ///< For the public key; empty allows none.
    std::optional<RateLimit> rate;
    std::uint32_t max_concurrent = 0;  ///< Requests under way at once; 0: no cap.
    bool require_signature = false;
    bool require_form_signature = false;
    bool debug = false;  ///< Signature refusals return the computed base, as for test tokens.
    SecretRecord secret;
    std::optional<SecretRecord> previous_secret;
    /// Set on a token whose credentials came from elsewhere: what they had signed before then may
    /// have been accepted there.
    std::optional<Timestamp> imported_at;
    friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

/// The same token decoded in place for the request path. **Borrows** the encoded bytes: every view
/// lives as long as they do (a `Snapshot`). No allocation.
struct TokenView {
    TokenNumber number{};
    std::string_view id;
    std::string_view name;
    std::string_view api_key;
    std::string_view public_key;
    Timestamp created_at{};
    Timestamp updated_at{};
    std::uint64_t version = 0;
    TokenStatus status = TokenStatus::disabled;
    Environment environment = Environment::live;
    SectionSet readable;
    SectionSet writable;
    std::string_view account;
    std::optional<Timestamp> expires_at;
    std::optional<RateLimit> rate;
    std::uint32_t max_concurrent = 0;
    bool require_signature = false;
    bool require_form_signature = false;
    bool debug = false;
    SecretRecord secret;
    std::optional<SecretRecord> previous_secret;
    std::optional<Timestamp> imported_at;
    std::span<const std::byte> encoded_ips;      ///< `kEncodedIpBytes` each.
    std::span<const std::byte> encoded_origins;  ///< Each: length byte, then the origin.

    /// True when `address` lies in an allowed range, or none is set.
    bool allows_address(const IpAddress& address) const;
    /// True when `origin` is listed, compared byte by byte; false when none is listed.
    bool allows_origin(std::string_view origin) const;
    TokenRecord to_record() const;
};

/// Encodes in the current format. **Errors**: `invalid_argument` when a limit above is broken.
Result<std::vector<std::byte>> encode(const TokenRecord& record);

/// Total: any bytes give a view or `corrupt_record` / `newer_format`, never undefined behaviour.
Result<TokenView> decode(std::span<const std::byte> bytes);

}  // namespace kwikgate::store
