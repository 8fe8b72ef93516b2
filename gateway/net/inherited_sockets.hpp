#pragma once

#include <sys/socket.h>
#include <string>
#include <vector>

#include "gateway/config/config.hpp"

namespace kwikgate::gateway::net {

/// Listening sockets that the process was started with, so that a restart refuses no connection:
/// whoever started it keeps them open, and what connects meanwhile waits.
///
/// A listener takes the sockets that bear its name, else those that have its address. They stay
/// open here for as long as the process lives: a reload may take a listener back into use.
/// **Threads**: one. **Owns** the descriptors.
/// **Spec**: sd_listen_fds(3): LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES; descriptors from 3 on.
class InheritedSockets {
  public:
    InheritedSockets() = default;
    InheritedSockets(InheritedSockets&& other) noexcept { sockets_.swap(other.sockets_); }
    InheritedSockets(const InheritedSockets&) = delete;
    InheritedSockets& operator=(const InheritedSockets&) = delete;
    InheritedSockets& operator=(InheritedSockets&&) = delete;
    ~InheritedSockets();

    /// Takes what the environment tells of, and removes it from there. Without anything for this
    /// process it stays empty. Returns empty, or one line: a descriptor is no listening TCP socket.
    std::string take();
    bool empty() const { return sockets_.empty(); }
    /// The descriptors for a listener; they remain owned here.
    std::vector<int> of(const ListenerConfig& listener) const;
    /// Where those of a listener listen, for people: "0.0.0.0:443"; empty: it has none.
    std::string addresses_of(const ListenerConfig& listener) const;
    /// Empty, or one line: a socket fits no listener, so that who connects would wait for ever.
    std::string find_unused(const std::vector<ListenerConfig>& listeners) const;

  private:
    struct Socket {
        int descriptor = -1;
        std::string name;  ///< Of LISTEN_FDNAMES, or empty.
        sockaddr_storage address{};
    };
    static bool has_address(const Socket& socket, const std::string& address);
    static std::string text_of(const Socket& socket);
    std::vector<Socket> sockets_;
};

}  // namespace kwikgate::gateway::net
