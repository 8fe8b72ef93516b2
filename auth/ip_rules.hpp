#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "store/types.hpp"

/// Addresses and CIDR blocks as text. **Errors**: empty for anything that is not exactly one
/// address or block. **Cost**: parsing allocates nothing.
namespace kwikgate::auth {

/// "192.0.2.1" (four decimal parts, no leading zeros) or IPv6 (RFC 4291, 2.2). No port, no zone, no
/// brackets, no white space. "::ffff:192.0.2.1" and "192.0.2.1" are the same address.
std::optional<store::IpAddress> parse_ip(std::string_view text);

/// An address, or an address, '/' and a prefix length (0-32, 0-128). Host bits are cleared. Because
/// IPv4 is held as ::ffff:0:0/96, an IPv6 block that covers that (such as ::/0) holds IPv4 as well.
std::optional<store::IpRange> parse_ip_range(std::string_view text);

/// The canonical text (RFC 5952; IPv4 dotted), which parses back to the same value. A range that is
/// one address is written without a prefix length.
std::string to_text(const store::IpAddress& address);
/// The same without an allocation; the view lives in `out`.
using IpText = std::array<char, 46>;
std::string_view to_text(const store::IpAddress& address, IpText& out);
std::string to_text(const store::IpRange& range);

/// True for an address that is IPv4.
bool is_ipv4(const store::IpAddress& address);
/// True for 127.0.0.0/8 and ::1: nobody but this machine.
bool is_loopback(const store::IpAddress& address);

}  // namespace kwikgate::auth
