#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/request_view.hpp"
#include "auth/secret.hpp"
#include "auth/vocabulary.hpp"

namespace kwikgate::auth {

/// What is to be signed.
struct SigningInput {
    std::string_view method;
    std::string_view url;                  ///< Absolute, http or https; a fragment is left out.
    std::optional<std::string_view> body;  ///< Set: Content-Digest is made and covered.
    std::string_view api_key;
    Timestamp created{};  ///< Whole seconds are used.
    std::optional<Timestamp> expires;
    std::string_view nonce;  ///< Empty: none.
    std::string_view label = "kwik";
};

/// The header fields that sign a request.
struct SignedFields {
    std::string content_digest;  ///< Empty without a body.
    std::string signature_input;
    std::string signature;
    std::string base;  ///< What was signed, for teaching and tests.
};

/// Signs over `@method`, `@target-uri` and, with a body, `content-digest`. Empty when `url`, key,
/// nonce or label cannot be signed. Cold path: allocates.
std::optional<SignedFields> sign_request(const SigningInput& input, const HmacKey& key);

/// Signs the components named in `components`, a list as in Signature-Input (`("@method" "date")`),
/// over any request; `parameters` follows it (`;created=…;keyid="…"`). Empty when the base cannot
/// be built.
std::optional<SignedFields> sign_components(const RequestView& request, std::string_view label,
                                            std::string_view components,
                                            std::string_view parameters, const HmacKey& key);

/// A fresh nonce: 22 base64url characters of 128 random bits. Empty when the generator failed.
std::string make_nonce();

/// The parts of an absolute URL; false for anything but http and https. **Borrows** `url`.
bool split_url(std::string_view url, std::string_view& scheme, std::string_view& authority,
               std::string_view& target);

}  // namespace kwikgate::auth
