#include "gateway/telemetry/usage_recorder.hpp"

#include <algorithm>

#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway {
namespace {

std::size_t hash(const store::UsageDelta& delta) {
    std::uint64_t h = static_cast<std::uint64_t>(delta.token);
    h = h << 8 | (delta.section ? static_cast<std::uint64_t>(*delta.section) + 1 : 0);
    h = h << 3 | static_cast<std::uint64_t>(delta.scheme) << 1 | (delta.is_write ? 1 : 0);
    h = (h ^ static_cast<std::uint64_t>(delta.secret_generation) << 48) * 0x9e3779b97f4a7c15ULL;
    return static_cast<std::size_t>(h >> 32);
}

bool says_the_same(const store::UsageDelta& a, const store::UsageDelta& b) {
    return a.token == b.token && a.section == b.section && a.is_write == b.is_write &&
           a.scheme == b.scheme && a.secret_generation == b.secret_generation;
}

}  // namespace

UsageWriter::UsageWriter(store::Store& store) : store_(store), thread_([this] { run(); }) {}

UsageWriter::~UsageWriter() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void UsageWriter::submit(std::vector<store::UsageDelta>& deltas) {
    if (deltas.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        const std::size_t room = kMaxWaiting - std::min(kMaxWaiting, waiting_.size());
        const auto take = static_cast<std::ptrdiff_t>(std::min(room, deltas.size()));
        waiting_.insert(waiting_.end(), deltas.begin(), deltas.begin() + take);
        lost_.add(deltas.size() - static_cast<std::size_t>(take));
    }
    deltas.clear();
    wake_.notify_one();
}

void UsageWriter::run() {
    std::vector<store::UsageDelta> batch;
    bool has_failed = false;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return !waiting_.empty() || is_stopping_; });
        if (waiting_.empty()) return;
        batch.swap(waiting_);
        lock.unlock();
        const auto written =
            store_.write([&](store::Write& write) { return write.merge_usage(batch); });
        lock.lock();
        if (written) {
            if (has_failed) log_info("usage is written again");
            has_failed = false;
            batch.clear();
            continue;
        }
        if (!has_failed) log_warn("usage cannot be written: " + written.error().message());
        has_failed = true;
        if (is_stopping_) return;
        batch.insert(batch.end(), waiting_.begin(), waiting_.end());
        const std::size_t kept = std::min(batch.size(), kMaxWaiting);
        lost_.add(batch.size() - kept);
        batch.resize(kept);
        waiting_.swap(batch);
        batch.clear();
        wake_.wait_for(lock, std::chrono::seconds(1), [this] { return is_stopping_; });
    }
}

UsageRecorder::UsageRecorder(UsageWriter& writer) : writer_(writer), slots_(kSlots, 0) {
    deltas_.reserve(kMaxUsed);
}

void UsageRecorder::record(const auth::Principal& principal, std::optional<auth::SectionId> section,
                           bool is_write, auth::Timestamp now) {
    const store::UsageDelta delta{.token = principal.number,
                                  .at = now,
                                  .scheme = principal.scheme,
                                  .section = section,
                                  .is_write = is_write,
                                  .secret_generation = principal.secret_generation,
                                  .requests = 1};
    for (std::size_t i = hash(delta);; ++i) {
        std::uint16_t& slot = slots_[i % kSlots];
        if (slot == 0) {
            deltas_.push_back(delta);
            slot = static_cast<std::uint16_t>(deltas_.size());
            if (deltas_.size() == kMaxUsed) flush();
            return;
        }
        store::UsageDelta& known = deltas_[slot - 1U];
        if (!says_the_same(known, delta)) continue;
        known.at = now;
        ++known.requests;
        return;
    }
}

void UsageRecorder::flush() {
    if (deltas_.empty()) return;
    writer_.submit(deltas_);
    std::fill(slots_.begin(), slots_.end(), std::uint16_t{0});
}

}  // namespace kwikgate::gateway
