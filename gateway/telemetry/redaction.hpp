#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "auth/master_key.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway {

inline constexpr std::string_view kRedacted = "(redacted)";

/// A request's head as it may be written down: the request line, the fields that decide how a
/// signed request is judged and those that its signature covers. In it the secrets of the token
/// that it names are `kRedacted`, API_KEYs and whatever begins like a credential of ours are
/// shortened to their partial form. Values of Authorization, Proxy-Authorization and Cookie are
/// never kept.
struct RedactedHead {
    std::string text;
    std::string token;         ///< Id of the token whose API_KEY it names; empty: there is none.
    std::size_t left_out = 0;  ///< Field values that are not in `text`.
};

/// `raw` is a head that was parsed before; one that does not parse gives an empty text. Cold path.
RedactedHead redact_head(std::string_view raw, store::Reader& reader, auth::Sealer& sealer);

}  // namespace kwikgate::gateway
