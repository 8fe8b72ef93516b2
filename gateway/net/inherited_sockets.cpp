#include "gateway/net/inherited_sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>
#include <algorithm>
#include <cstring>
#include <string_view>

#include "gateway/net/environment.hpp"
#include "gateway/net/listen_address.hpp"

namespace kwikgate::gateway::net {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr int kMostSockets = 256;

bool is_listening_tcp(int descriptor, sockaddr_storage& address) {
    int type = 0;
    int listens = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return false;
    size = sizeof listens;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0) return false;
    size = sizeof address;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
    const bool is_ip = address.ss_family == AF_INET || address.ss_family == AF_INET6;
    return type == SOCK_STREAM && listens != 0 && is_ip;
}

bool make_usable(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFL);
    return flags >= 0 && ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 &&
           ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

bool is_same(const sockaddr_storage& left, const sockaddr& right) {
    if (left.ss_family != right.sa_family) return false;
    if (left.ss_family == AF_INET) {
        const auto& a = reinterpret_cast<const sockaddr_in&>(left);
        const auto& b = reinterpret_cast<const sockaddr_in&>(right);
        return a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
    }
    const auto& a = reinterpret_cast<const sockaddr_in6&>(left);
    const auto& b = reinterpret_cast<const sockaddr_in6&>(right);
    return a.sin6_port == b.sin6_port &&
           std::memcmp(&a.sin6_addr, &b.sin6_addr, sizeof a.sin6_addr) == 0;
}

}  // namespace

InheritedSockets::~InheritedSockets() {
    for (const Socket& socket : sockets_) ::close(socket.descriptor);
}

std::string InheritedSockets::take() {
    const std::string process = take_variable("LISTEN_PID");
    const std::string count_text = take_variable("LISTEN_FDS");
    const std::string all_names = take_variable("LISTEN_FDNAMES");
    std::string_view names = all_names;
    if (process.empty() || to_number(process) != ::getpid()) return {};
    const auto count = to_number(count_text);
    if (!count || *count < 0 || *count > kMostSockets)
        return "LISTEN_FDS is \"" + count_text + "\", not a number of sockets";
    for (int descriptor = kFirstDescriptor; descriptor < kFirstDescriptor + *count; ++descriptor) {
        Socket socket;
        const std::size_t colon = names.find(':');
        socket.name = names.substr(0, colon);
        names.remove_prefix(colon == std::string_view::npos ? names.size() : colon + 1);
        if (!is_listening_tcp(descriptor, socket.address) || !make_usable(descriptor))
            return "descriptor " + std::to_string(descriptor) +
                   ", handed over by LISTEN_FDS, is no listening TCP socket";
        socket.descriptor = descriptor;
        sockets_.push_back(std::move(socket));
    }
    return {};
}

bool InheritedSockets::has_address(const Socket& socket, const std::string& address) {
    std::string error;
    const AddressInfo wanted = resolve_listener(address, error);
    return wanted != nullptr && is_same(socket.address, *wanted->ai_addr);
}

std::vector<int> InheritedSockets::of(const ListenerConfig& listener) const {
    std::vector<int> found;
    for (const Socket& socket : sockets_)
        if (socket.name == listener.name) found.push_back(socket.descriptor);
    if (!found.empty()) return found;
    for (const Socket& socket : sockets_)
        if (has_address(socket, listener.address)) found.push_back(socket.descriptor);
    return found;
}

std::string InheritedSockets::text_of(const Socket& socket) {
    return address_text(reinterpret_cast<const sockaddr*>(&socket.address), sizeof socket.address);
}

std::string InheritedSockets::addresses_of(const ListenerConfig& listener) const {
    const std::vector<int> descriptors = of(listener);
    std::string out;
    for (const Socket& socket : sockets_)
        if (std::count(descriptors.begin(), descriptors.end(), socket.descriptor) != 0)
            out += (out.empty() ? "" : ", ") + text_of(socket);
    return out;
}

std::string InheritedSockets::find_unused(const std::vector<ListenerConfig>& listeners) const {
    std::vector<int> used;
    for (const ListenerConfig& listener : listeners)
        for (const int descriptor : of(listener)) used.push_back(descriptor);
    for (const Socket& socket : sockets_) {
        const auto uses = std::count(used.begin(), used.end(), socket.descriptor);
        if (uses == 1) continue;
        return "the socket on " + text_of(socket) + ", handed over as \"" + socket.name +
               "\", fits " + (uses == 0 ? "no listener" : "several listeners") +
               ": give it the name of one (FileDescriptorName=), or its address";
    }
    return {};
}

}  // namespace kwikgate::gateway::net
