#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/error.hpp"
#include "auth/secret.hpp"
#include "auth/vocabulary.hpp"

/// The credentials of a token, as text: made, recognised, shortened.
///
///     API_KEY     kwk_live_ak_ + 22 base62
///     API_SECRET  kwk_live_sk_ + 64 base62 + 6 base62, the CRC-32 of the 64
///     PUBLIC_KEY  kwk_live_pk_ + 22 base62
///
/// with `kwk_test_` for test tokens. CRC-32 is that of zlib and gzip, written as a number in base
/// 62 with leading zeros (digits 0-9, A-Z, a-z). Imported credentials are opaque.
namespace kwikgate::auth {

inline constexpr std::size_t kMinCredentialBytes = 8;
inline constexpr std::size_t kKeyBodyBytes = 22;
inline constexpr std::size_t kSecretBodyBytes = 64;
inline constexpr std::size_t kChecksumBytes = 6;
inline constexpr std::size_t kPrefixBytes = 12;  ///< "kwk_live_ak_"

/// What a text looks like, judged by itself.
enum class CredentialForm : std::uint8_t {
    generated,  ///< One of ours, whole: prefix, length, alphabet and, for a secret, the checksum.
    mistyped,   ///< Has our prefix, but cannot be one of ours.
    opaque,     ///< 8-255 visible ASCII characters.
    unusable,   ///< None of these.
};

/// The random generator failing is `crypto_failure`.
Result<std::string> generate_api_key(Environment environment);
Result<SecretString> generate_api_secret(Environment environment);
Result<std::string> generate_public_key(Environment environment);

CredentialForm api_key_form(std::string_view text);
CredentialForm api_secret_form(std::string_view text);
CredentialForm public_key_form(std::string_view text);

/// True when `text` starts as our secrets do, whole or not: to warn where one does not belong.
bool looks_like_api_secret(std::string_view text);

/// What may be imported: 8-255 visible ASCII characters; a key or public key without a colon,
/// because Basic splits at the first one. A mistyped credential of ours may not.
bool is_importable_key(std::string_view text);
bool is_importable_secret(std::string_view text);

/// "kwk_live_ak_Ab12…wXyz": enough to recognise, not to use. Of a short opaque key less is shown.
std::string partial_credential(std::string_view text);

/// The checksum of the 64 characters after the prefix.
std::array<char, kChecksumBytes> secret_checksum(std::string_view body);

}  // namespace kwikgate::auth
