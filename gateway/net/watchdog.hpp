#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "gateway/net/supervisor.hpp"

namespace kwikgate::gateway::net {

/// Gives signs of life to the supervisor while every worker's loop turns, four in the time that it
/// allows. A loop that stands still for that time ends the process, which the supervisor starts
/// again. Runs in a thread of its own: a reload that waits for a name server is no fault.
/// **Threads**: the main one.
class Watchdog {
  public:
    /// Grows each time the loop of a worker turns; `kEnded` when it is done.
    using Turns = std::atomic<std::uint64_t>;
    static constexpr std::uint64_t kEnded = std::numeric_limits<std::uint64_t>::max();

    explicit Watchdog(const Supervisor& supervisor) : supervisor_(supervisor) {}
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog() { stop(); }

    /// Begins where the supervisor asks for it. `workers` must live until `stop`.
    void start(const std::vector<const Turns*>& workers);
    /// The last sign of life: what is left to do is done within the interval.
    void stop();

  private:
    void run();
    bool have_all_turned();

    struct Seen {
        const Turns* turns;
        std::uint64_t last;
    };
    const Supervisor& supervisor_;
    std::vector<Seen> workers_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace kwikgate::gateway::net
