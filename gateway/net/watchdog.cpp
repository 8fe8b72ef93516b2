#include "gateway/net/watchdog.hpp"

#include <algorithm>
#include <utility>

#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway::net {
namespace {

/// Loops turn every 50 ms, later on a busy machine.
constexpr std::chrono::microseconds kShortestLook{100'000};

}  // namespace

void Watchdog::start(const std::vector<const Turns*>& workers) {
    if (supervisor_.watchdog_interval().count() == 0) return;
    for (const Turns* turns : workers) workers_.push_back({turns, turns->load()});
    thread_ = std::thread([this] { run(); });
}

void Watchdog::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Watchdog::run() {
    const auto look = std::max(kShortestLook, supervisor_.watchdog_interval() / 4);
    bool has_warned = false;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, look, [this] { return is_stopping_; })) {
        if (have_all_turned()) {
            has_warned = false;
            supervisor_.tell_alive();
        } else if (!std::exchange(has_warned, true)) {
            log_error("a worker stands still: the watchdog gets no sign of life");
        }
    }
}

bool Watchdog::have_all_turned() {
    bool all = true;
    for (Seen& worker : workers_) {
        const std::uint64_t turns = worker.turns->load(std::memory_order_relaxed);
        all = all && (turns != worker.last || turns == kEnded);
        worker.last = turns;
    }
    return all;
}

}  // namespace kwikgate::gateway::net
