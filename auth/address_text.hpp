#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/types.hpp"

namespace kwikgate::auth {

/// An address as configurations, proxies and URLs write it: with a port, in brackets, with a zone.
///
///     node  = IPv4 [ ":" port ] / IPv6z / "[" IPv6z "]" [ ":" port ]
///     IPv6z = IPv6 [ "%" zone ]              ; RFC 4007, 11
///     zone  = 1*( ALPHA / DIGIT / "." / "-" / "_" )
///     port  = 1*5DIGIT                       ; at most 65535
///
/// IPv4 and IPv6 are what `parse_ip` takes. "::ffff:192.0.2.1" and "192.0.2.1" are one address.
/// White space, quotes and names are no address. **Borrows** the text.
struct AddressText {
    store::IpAddress address;
    std::string_view text;  ///< The address with its zone, without brackets: for the resolver.
    std::string_view zone;  ///< Without '%'; empty: none.
    std::string_view port_text;
    std::uint16_t port = 0;
    bool has_port = false;
    bool is_bracketed = false;
};

/// **Errors**: empty for anything that is not exactly one node. **Cost**: no allocation.
std::optional<AddressText> parse_address_text(std::string_view text);

/// A hop of X-Forwarded-For: a node, alone, between double quotes, or behind `for=` (both as
/// RFC 7239 writes it, case does not count). The port and the zone say nothing about who called and
/// are left out. Empty for "unknown", an obfuscated name ("_hidden") and anything else.
std::optional<store::IpAddress> parse_forwarded_node(std::string_view text);

/// 1 to 5 digits, at most 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

/// True for "::" and "0.0.0.0", which are no client's address. "::" stands for an unknown client.
bool is_unspecified(const store::IpAddress& address);

}  // namespace kwikgate::auth
