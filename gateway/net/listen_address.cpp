#include "gateway/net/listen_address.hpp"

#include <array>

#include "auth/address_text.hpp"

namespace kwikgate::gateway::net {

AddressInfo resolve_listener(const std::string& address, std::string& error) {
    const auto parsed = auth::parse_address_text(address);
    if (!parsed || !parsed->has_port) {
        error = "cannot listen on " + address + ": write an address and a port";
        return {nullptr, ::freeaddrinfo};
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(std::string(parsed->text).c_str(),
                                   std::string(parsed->port_text).c_str(), &hints, &found);
    if (code != 0) error = "cannot resolve listener " + address + ": " + ::gai_strerror(code);
    return {found, ::freeaddrinfo};
}

std::string address_text(const sockaddr* address, socklen_t length) {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (::getnameinfo(address, length, host.data(), host.size(), port.data(), port.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "?";
    const bool is_v6 = address->sa_family == AF_INET6;
    return (is_v6 ? "[" : "") + std::string(host.data()) + (is_v6 ? "]:" : ":") + port.data();
}

}  // namespace kwikgate::gateway::net
