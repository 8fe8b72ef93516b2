#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/types.hpp"

namespace kwikgate::auth {

/// A host and perhaps a port, as Host, X-Forwarded-Host, absolute targets, configured authorities
/// and the URLs of servers write it. **Borrows** the text.
///
///     authority = host [ ":" [ port ] ]
///     host      = "[" IPv6 "]" / name
///     name      = 1*255( ALPHA / DIGIT / "-" / "." / "_" / "~" / sub-delims without "," )
///     port      = 1*5DIGIT                   ; at most 65535
///
/// That is RFC 3986, 3.2, without user information, percent-encoding (an upstream may decode it)
/// and the comma (of two Host lines that somebody joined). An IPv4 address is a name with one
/// spelling.
struct Authority {
    std::string_view host;     ///< As written; IPv6 without its brackets.
    std::string_view port;     ///< As written; empty where there is none, and in "a.test:".
    store::IpAddress address;  ///< Of an IPv6 literal.
    bool is_ipv6 = false;
    bool has_colon = false;  ///< A port may follow the host, or nothing: "a.test:".
};

/// **Errors**: empty for anything that is not exactly one authority. **Cost**: one pass; no
/// allocation.
std::optional<Authority> parse_authority(std::string_view text);

/// True when both name the same place under `scheme` (RFC 9110, 4.2.3): case does not count, nor
/// the dot behind a name, an empty port, the scheme's default port or how an IPv6 address is
/// written.
bool is_same_authority(const Authority& a, const Authority& b, std::string_view scheme);
/// The hosts alone.
bool is_same_host(const Authority& a, const Authority& b);

/// `authority` without a port that says nothing: an empty one, or the default one of `scheme`. Case
/// and all else stay: this is what RFC 9421, 2.2.3, signs once it is in lower case.
std::string_view without_default_port(std::string_view authority, std::string_view scheme);

/// A host that a resolver may look up: labels of up to 63 letters, digits, '-' and '_' (which
/// container platforms use), 253 bytes at most (RFC 1123, 2.1), perhaps a dot behind the last, or
/// an IPv4 address. What looks like an IPv4 address must be one: 10.0.0.300 is a slip, not a name.
bool is_resolvable_name(std::string_view host);

/// `host` without the dot that says "nothing is to be appended" (RFC 1034, 3.1). A certificate and
/// SNI (RFC 6066, 3) never have it.
std::string_view without_trailing_dot(std::string_view host);

}  // namespace kwikgate::auth
