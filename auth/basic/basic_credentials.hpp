#pragma once

#include <optional>
#include <string_view>

#include "auth/secret.hpp"

namespace kwikgate::auth {

/// More than any credential needs: two of 255 bytes and the colon. What is longer is malformed.
inline constexpr std::size_t kMaxBasicBytes = 600;

/// The two halves, still in the buffer they were decoded into.
struct BasicCredentials {
    std::string_view api_key;
    std::string_view api_secret;
};

/// True when the value of an `Authorization` field names the Basic scheme.
bool is_basic_scheme(std::string_view authorization);

/// Parses "Basic <base64>" strictly: standard alphabet, padding, no white space inside, no unused
/// bits, a colon; splits at the first colon. **Borrows** `buffer`, which then holds a secret and
/// wipes itself.
/// **Cost**: no allocation. **Spec**: RFC 7617, 2.
std::optional<BasicCredentials> parse_basic(std::string_view authorization,
                                            SecretBytes<kMaxBasicBytes>& buffer);

}  // namespace kwikgate::auth
