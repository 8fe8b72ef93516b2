#include "auth/replay_shard.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace kwikgate::auth {
namespace {

std::int64_t to_ms(Timestamp time) {
    return time.time_since_epoch().count();
}

}  // namespace

ReplayShard::ReplayShard(std::size_t capacity, std::chrono::milliseconds window,
                         TokenTable<std::uint32_t>& owned)
    : slice_ms_(std::max<std::int64_t>(250, window.count() / (kSlices - 4))),
      owned_(owned),
      nodes_(std::clamp<std::size_t>(capacity, 1, kMaxNodes)),
      owners_(nodes_.size()),
      buckets_(std::bit_ceil(nodes_.size())) {}

bool ReplayShard::holds(const Hash128& identity, Timestamp now) const {
    const std::lock_guard lock(mutex_);
    const Index known = find(identity);
    return known != kNone && node(known).valid_until_ms >= to_ms(now);
}

ReplayGuard::Verdict ReplayShard::record(const ReplayEntry& entry, Timestamp now,
                                         std::size_t most_of_owner) {
    using Verdict = ReplayGuard::Verdict;
    const std::int64_t now_ms = to_ms(now);
    const std::int64_t valid_until_ms = to_ms(entry.valid_until);
    std::atomic<std::uint32_t>& of_owner = owned_[entry.owner];
    const std::lock_guard lock(mutex_);
    over_ = std::max(over_, (now_ms - kSlackMs) / slice_ms_);
    for (int i = 0; i < kStepsPerCall && drain_step(now_ms); ++i) continue;
    if (valid_until_ms / slice_ms_ < over_) return Verdict::state_lost;
    if (const Index known = find(entry.identity); known != kNone) {
        if (node(known).valid_until_ms >= now_ms) return Verdict::replayed;
        // Over, but not drained yet: it stays on its slice, and moves on when that is drained.
        node(known).valid_until_ms = valid_until_ms;
        change_owner(known, entry.owner);
        return Verdict::fresh;
    }
    make_room(now_ms, of_owner, most_of_owner);
    // Taken first and given back, so that two shards cannot both give the last place away.
    if (of_owner.fetch_add(1, std::memory_order_relaxed) >= most_of_owner || is_full()) {
        const bool is_own_fault = of_owner.fetch_sub(1, std::memory_order_relaxed) > most_of_owner;
        return is_own_fault ? Verdict::share_used : Verdict::table_full;
    }
    insert(entry, valid_until_ms);
    return Verdict::fresh;
}

/// What is over still counts until it is drained: that comes before any refusal for want of room.
void ReplayShard::make_room(std::int64_t now_ms, const std::atomic<std::uint32_t>& of_owner,
                            std::size_t most_of_owner) {
    const auto lacks_room = [&] {
        return is_full() || of_owner.load(std::memory_order_relaxed) >= most_of_owner;
    };
    for (int i = 0; i < kStepsWhenFull && lacks_room() && drain_step(now_ms); ++i) continue;
}

void ReplayShard::change_owner(Index index, store::TokenNumber owner) {
    store::TokenNumber& kept = owners_[index - 1];
    if (kept == owner) return;
    owned_[kept].fetch_sub(1, std::memory_order_relaxed);
    owned_[owner].fetch_add(1, std::memory_order_relaxed);
    kept = owner;
}

ReplayShard::Index ReplayShard::find(const Hash128& identity) const {
    Index at = buckets_[bucket_index(identity)];
    while (at != kNone && node(at).identity != identity) at = node(at).next_in_bucket;
    return at;
}

ReplayShard::Index ReplayShard::take_free() {
    if (free_ == kNone) return ++used_;
    return std::exchange(free_, node(free_).next_in_slice);
}

void ReplayShard::insert(const ReplayEntry& entry, std::int64_t valid_until_ms) {
    const Index index = take_free();
    Node& added = node(index);
    added.identity = entry.identity;
    added.valid_until_ms = valid_until_ms;
    owners_[index - 1] = entry.owner;
    Index& bucket = bucket_of(entry.identity);
    added.next_in_bucket = bucket;
    bucket = index;
    hang_on_slice(index);
    ++size_;
}

/// One that lives longer than the ring is hung on its last slice, and moves on from there.
void ReplayShard::hang_on_slice(Index index) {
    Node& hung = node(index);
    const std::int64_t slice =
        std::clamp(hung.valid_until_ms / slice_ms_, drained_, drained_ + kSlices - 1);
    hung.next_in_slice = slot_of(slice);
    slot_of(slice) = index;
}

void ReplayShard::unlink_from_bucket(Index index) {
    Index* link = &bucket_of(node(index).identity);
    while (*link != index) link = &node(*link).next_in_bucket;
    *link = node(index).next_in_bucket;
}

void ReplayShard::free_node(Index index) {
    unlink_from_bucket(index);
    node(index).next_in_slice = free_;
    free_ = index;
    --size_;
    owned_[owners_[index - 1]].fetch_sub(1, std::memory_order_relaxed);
}

/// Frees or moves one entry of the oldest slice, or goes to the next slice. False: nothing is over.
bool ReplayShard::drain_step(std::int64_t now_ms) {
    if (size_ == 0) drained_ = over_;
    if (drained_ >= over_) return false;
    Index& slot = slot_of(drained_);
    if (slot == kNone) {
        ++drained_;
        return true;
    }
    const Index index = slot;
    Node& oldest = node(index);
    slot = oldest.next_in_slice;
    // Judged by its slice, like a signature in `record`: what is freed here is refused there for
    // ever.
    if (oldest.valid_until_ms / slice_ms_ < over_ && oldest.valid_until_ms < now_ms) {
        free_node(index);
        return true;
    }
    const std::int64_t slice =
        std::clamp(oldest.valid_until_ms / slice_ms_, drained_ + 1, drained_ + kSlices - 1);
    oldest.next_in_slice = slot_of(slice);
    slot_of(slice) = index;
    return true;
}

void ReplayShard::each(Timestamp now, const std::function<void(const ReplayEntry&)>& visit) const {
    const std::lock_guard lock(mutex_);
    for (Index index : buckets_)
        for (; index != kNone; index = node(index).next_in_bucket) {
            const Node& kept = node(index);
            const Timestamp until{std::chrono::milliseconds(kept.valid_until_ms)};
            if (until >= now) visit(ReplayEntry{kept.identity, until, owners_[index - 1]});
        }
}

Timestamp ReplayShard::forgotten_until() const {
    const std::lock_guard lock(mutex_);
    return Timestamp(std::chrono::milliseconds(over_ * slice_ms_));
}

void ReplayShard::forget_until(Timestamp bound) {
    const std::lock_guard lock(mutex_);
    over_ = std::max(over_, (to_ms(bound) + slice_ms_ - 1) / slice_ms_);
}

std::size_t ReplayShard::size() const {
    const std::lock_guard lock(mutex_);
    return size_;
}

}  // namespace kwikgate::auth
