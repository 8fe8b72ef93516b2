#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "auth/principal.hpp"
#include "gateway/telemetry/counter.hpp"
#include "store/store.hpp"
#include "store/usage.hpp"

namespace kwikgate::gateway {

/// Brings "last used" into the store from a thread of its own, so that no request waits for a disk.
/// What a commit could not take (disk full) is kept and tried again, within bounds. **Threads**:
/// any may submit; writes happen in its own.
class UsageWriter {
  public:
    explicit UsageWriter(store::Store& store);
    UsageWriter(const UsageWriter&) = delete;
    UsageWriter& operator=(const UsageWriter&) = delete;
    /// Writes what is left.
    ~UsageWriter();
    /// Takes the observations and empties the vector, whose capacity stays.
    void submit(std::vector<store::UsageDelta>& deltas);
    /// How many were given up because too many waited already.
    std::uint64_t lost() const { return lost_.value(); }

  private:
    void run();
    static constexpr std::size_t kMaxWaiting = 1'000'000;

    store::Store& store_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<store::UsageDelta> waiting_;
    Counter lost_;  ///< Added to under `mutex_`.
    bool is_stopping_ = false;
    std::thread thread_;
};

/// One worker's observations since the last flush, merged by what they say. Fixed size.
/// **Cost**: a hash and a few stores a request; no allocation, no lock.
class UsageRecorder {
  public:
    explicit UsageRecorder(UsageWriter& writer);
    void record(const auth::Principal& principal, std::optional<auth::SectionId> section,
                bool is_write, auth::Timestamp now);
    void flush();

  private:
    static constexpr std::size_t kSlots = 8192;
    static constexpr std::size_t kMaxUsed = kSlots / 2;

    UsageWriter& writer_;
    std::vector<store::UsageDelta> deltas_;  ///< In order of first sight.
    std::vector<std::uint16_t> slots_;       ///< 1 + index into `deltas_`; 0 is free.
};

}  // namespace kwikgate::gateway
