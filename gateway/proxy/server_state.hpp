#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace kwikgate::gateway::proxy {

/// An IPv4 or IPv6 address with its port.
class SocketAddress {
  public:
    SocketAddress() = default;
    /// False for any other family.
    bool assign(const sockaddr* address, socklen_t length);
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(bytes_.data()); }
    socklen_t length() const { return length_; }
    int family() const { return get()->sa_family; }
    friend bool operator==(const SocketAddress&, const SocketAddress&) = default;

  private:
    alignas(sockaddr_in6) std::array<unsigned char, sizeof(sockaddr_in6)> bytes_{};
    socklen_t length_ = 0;
};

/// What a name stands for, in the order in which it is tried. No address is in it twice.
struct AddressList {
    static constexpr std::size_t kMax = 8;
    std::array<SocketAddress, kMax> addresses;
    std::size_t size = 0;
    void add(const SocketAddress& address) {
        if (size < kMax) addresses[size++] = address;
    }
    bool contains(const SocketAddress& address) const;
    /// In whatever order: name servers turn it round from one answer to the next.
    bool has_the_same_as(const AddressList& other) const;
};

/// Looks a name up. Blocking. Returns empty, or why it failed.
std::string look_up(const std::string& host, const std::string& port, AddressList& out);

/// What may change about a server while a configuration serves: where it is, and whether its
/// checks fail. **Threads**: any.
class ServerState {
  public:
    explicit ServerState(const AddressList& addresses) : addresses_(addresses) {}

    bool is_down() const { return is_down_.load(std::memory_order_relaxed); }
    void set_down(bool is_down) { is_down_.store(is_down, std::memory_order_relaxed); }

    /// Copies the addresses to `out` when they are others than those of `version`, and says so.
    /// **Cost**: one load; a lock only after a change.
    bool refresh(std::uint32_t& version, AddressList& out) const;
    /// False when they are the same already.
    bool replace(const AddressList& addresses);

  private:
    std::atomic<bool> is_down_{false};
    std::atomic<std::uint32_t> version_{1};
    mutable std::mutex mutex_;
    AddressList addresses_;
};

}  // namespace kwikgate::gateway::proxy
