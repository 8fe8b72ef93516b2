#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

#include "auth/replay_guard.hpp"
#include "auth/siphash.hpp"
#include "auth/token_table.hpp"
#include "auth/zeroed_array.hpp"

namespace kwikgate::auth {

/// What the replay guard keeps of one nonce, in memory and in its state file.
struct ReplayEntry {
    Hash128 identity;
    Timestamp valid_until{};
    store::TokenNumber owner{};
};

/// One part of the replay table: a chained hash table over a fixed pool, whose entries also hang on
/// a ring of time slices. A slice that is over is drained entry by entry, a few per call, so no
/// call ever scans. Its memory is taken as it fills.
/// **Threads**: any; one mutex, held for a bounded number of steps.
class ReplayShard {
  public:
    /// Counts its entries in `owned`, by token: shared by the shards, and outlives them.
    ReplayShard(std::size_t capacity, std::chrono::milliseconds window,
                TokenTable<std::uint32_t>& owned);

    bool holds(const Hash128& identity, Timestamp now) const;
    ReplayGuard::Verdict record(const ReplayEntry& entry, Timestamp now, std::size_t most_of_owner);
    /// Visits what is still valid at `now`.
    void each(Timestamp now, const std::function<void(const ReplayEntry&)>& visit) const;
    /// What ended before this may be forgotten, and is refused for ever.
    Timestamp forgotten_until() const;
    /// Takes over what another table may have forgotten.
    void forget_until(Timestamp bound);
    std::size_t size() const;
    std::size_t capacity() const { return nodes_.size(); }

  private:
    using Index = std::uint32_t;  ///< Of a node, counted from 1, so that memory begins as "none".
    static constexpr Index kNone = 0;
    static constexpr std::size_t kMaxNodes = 0xffffffffU;
    static constexpr std::int64_t kSlices = 64;
    static constexpr int kStepsPerCall = 4;
    static constexpr int kStepsWhenFull = 160;  // All slices empty but the last, and then some.
    /// Workers read the clock at slightly different moments; a slice is over only after this.
    static constexpr std::int64_t kSlackMs = 1000;

    struct Node {
        Hash128 identity;
        std::int64_t valid_until_ms;
        Index next_in_bucket;
        Index next_in_slice;  // Or the next free one.
    };

    Node& node(Index index) { return nodes_[index - 1]; }
    const Node& node(Index index) const { return nodes_[index - 1]; }
    bool is_full() const { return free_ == kNone && used_ == nodes_.size(); }
    Index take_free();
    std::size_t bucket_index(const Hash128& identity) const {
        return static_cast<std::size_t>(identity.low) & (buckets_.size() - 1);
    }
    Index& bucket_of(const Hash128& identity) { return buckets_[bucket_index(identity)]; }
    Index& slot_of(std::int64_t slice) { return slots_[static_cast<std::size_t>(slice % kSlices)]; }
    Index find(const Hash128& identity) const;
    void change_owner(Index index, store::TokenNumber owner);
    void make_room(std::int64_t now_ms, const std::atomic<std::uint32_t>& of_owner,
                   std::size_t most_of_owner);
    bool drain_step(std::int64_t now_ms);
    void hang_on_slice(Index index);
    void unlink_from_bucket(Index index);
    void insert(const ReplayEntry& entry, std::int64_t valid_until_ms);
    void free_node(Index index);

    mutable std::mutex mutex_;
    std::int64_t slice_ms_;
    TokenTable<std::uint32_t>& owned_;
    ZeroedArray<Node> nodes_;
    ZeroedArray<store::TokenNumber> owners_;  // Of the nodes; apart, so that a look reads less.
    ZeroedArray<Index> buckets_;
    std::array<Index, kSlices> slots_{};
    std::int64_t over_ = 0;     // Every slice before it is over; only grows.
    std::int64_t drained_ = 0;  // Every slice before it holds nothing. drained_ <= over_.
    Index free_ = kNone;        // Those that were used before.
    Index used_ = 0;            // So many were ever used.
    std::size_t size_ = 0;
};

}  // namespace kwikgate::auth
