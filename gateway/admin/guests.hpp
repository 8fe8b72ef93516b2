#pragma once

#include <cstdint>
#include <vector>

#include "auth/vocabulary.hpp"
#include "gateway/telemetry/metrics.hpp"

namespace kwikgate::gateway::admin {

/// A connection to the admin listener, as far as its place (`admin.max_connections`) is concerned.
class Guest {
  public:
    enum class Doing : std::uint8_t {
        waiting,  ///< For the next call.
        talking,  ///< Within a handshake, a call or an answer.
        working   ///< An operation runs.
    };

    explicit Guest(const auth::IpAddress& peer) : address(peer) {}
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    /// Closes it; from the loop, it goes.
    virtual void end() = 0;

    const auth::IpAddress address;
    Doing doing = Doing::talking;
    bool is_known = false;    ///< Its last call came with a right key or session.
    std::uint64_t since = 0;  ///< When it began to wait: a number that only grows.

  protected:
    ~Guest() = default;
};

/// The connections to the admin listener. Those who are logged in keep their places: when all are
/// taken, a new connection takes that of one whose caller nobody knows, of the address that has the
/// most of these, the oldest first; only where there is none, that of the known one that idles
/// longest. **Threads**: the listener's. **Cost**: proportional to the connections, when all places
/// are taken; else nothing.
class Guests {
  public:
    Guests(std::size_t most, AdminCounters& counters) : most_(most), counters_(counters) {}

    /// Makes room for one more. False: all are at work, and the new one has to go.
    bool make_room();
    void enter(Guest& guest);
    /// Nothing if it lost its place before.
    void leave(const Guest& guest);
    std::uint64_t next_moment() { return ++moment_; }
    std::size_t size() const { return guests_.size(); }

  private:
    Guest* choose() const;
    void count(AdminShed why) { counters_.connections_shed[static_cast<std::size_t>(why)].add(); }

    std::size_t most_;
    AdminCounters& counters_;
    std::vector<Guest*> guests_;
    std::uint64_t moment_ = 0;
};

}  // namespace kwikgate::gateway::admin
