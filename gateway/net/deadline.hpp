#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace kwikgate::gateway::net {

using Clock = std::chrono::steady_clock;

class DeadlineWheel;

/// One deadline of one owner: a member, linked into its worker's wheel. Moving it to a later time
/// is a store; nothing is allocated and no timer is touched. **Threads**: the worker's.
class Deadline {
  public:
    explicit Deadline(DeadlineWheel& wheel) : wheel_(wheel) {}
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    /// Fires at `now + after`, up to one tick later. Replaces what was set before.
    void set(std::chrono::milliseconds after);
    void set_at(Clock::time_point at);
    void clear() { at_ = Clock::time_point::max(); }
    Clock::time_point at() const { return at_; }

  protected:
    virtual ~Deadline() { unlink(); }
    /// The time has come. The deadline is clear when this runs; it may be set again, and the owner
    /// may be destroyed.
    virtual void on_deadline() = 0;

  private:
    friend class DeadlineWheel;
    void unlink();
    DeadlineWheel& wheel_;
    Clock::time_point at_ = Clock::time_point::max();
    std::uint64_t slot_tick_ = 0;  ///< Tick it is filed under, while linked.
    Deadline* next_ = nullptr;
    Deadline** link_ = nullptr;  ///< What points here; null when not linked.
};

/// A hashed wheel of coarse deadlines, one a worker. **Cost**: `set` O(1); `advance` O(due).
class DeadlineWheel {
  public:
    static constexpr std::chrono::milliseconds kTick{50};

    /// The worker's coarse idea of now, refreshed by `advance`.
    Clock::time_point now() const { return now_; }
    /// Fires what is due. Called every tick.
    void advance(Clock::time_point now);

  private:
    friend class Deadline;
    static constexpr std::size_t kSlots = 2048;
    std::uint64_t tick_of(Clock::time_point at) const;
    void link(Deadline& deadline, std::uint64_t tick);

    Clock::time_point origin_ = Clock::now();
    Clock::time_point now_ = origin_;
    std::uint64_t tick_ = 0;  ///< The last one that fired.
    std::array<Deadline*, kSlots> slots_{};
};

}  // namespace kwikgate::gateway::net
