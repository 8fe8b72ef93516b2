#pragma once

#include <netdb.h>
#include <memory>
#include <string>

namespace kwikgate::gateway::net {

using AddressInfo = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

/// `address:port` of a listener as the system wants it. Null with one line in `error`.
AddressInfo resolve_listener(const std::string& address, std::string& error);
/// As the configuration writes it: "127.0.0.1:8080", "[::1]:8080".
std::string address_text(const sockaddr* address, socklen_t length);

}  // namespace kwikgate::gateway::net
