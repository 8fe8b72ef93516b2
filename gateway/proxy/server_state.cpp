#include "gateway/proxy/server_state.hpp"

#include <netdb.h>
#include <algorithm>
#include <cstring>
#include <memory>

namespace kwikgate::gateway::proxy {

bool SocketAddress::assign(const sockaddr* address, socklen_t length) {
    const bool is_known = address->sa_family == AF_INET || address->sa_family == AF_INET6;
    if (!is_known || length > bytes_.size()) return false;
    bytes_.fill(0);
    std::memcpy(bytes_.data(), address, length);
    length_ = length;
    return true;
}

bool AddressList::contains(const SocketAddress& address) const {
    const auto end = addresses.begin() + static_cast<std::ptrdiff_t>(size);
    return std::find(addresses.begin(), end, address) != end;
}

bool AddressList::has_the_same_as(const AddressList& other) const {
    const auto end = addresses.begin() + static_cast<std::ptrdiff_t>(size);
    return size == other.size && std::all_of(addresses.begin(), end, [&](const auto& address) {
               return other.contains(address);
           });
}

std::string look_up(const std::string& host, const std::string& port, AddressList& out) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
        return ::gai_strerror(error);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    out = {};
    SocketAddress address;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next)
        if (address.assign(entry->ai_addr, entry->ai_addrlen) && !out.contains(address))
            out.add(address);
    return out.size == 0 ? "no address" : "";
}

bool ServerState::refresh(std::uint32_t& version, AddressList& out) const {
    if (version_.load(std::memory_order_acquire) == version) return false;
    const std::lock_guard lock(mutex_);
    version = version_.load(std::memory_order_relaxed);
    out = addresses_;
    return true;
}

bool ServerState::replace(const AddressList& addresses) {
    const std::lock_guard lock(mutex_);
    if (addresses_.has_the_same_as(addresses)) return false;
    addresses_ = addresses;
    version_.fetch_add(1, std::memory_order_release);
    return true;
}

}  // namespace kwikgate::gateway::proxy
