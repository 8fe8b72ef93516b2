#include "auth/replay_guard.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <vector>

#include "auth/replay_file.hpp"
#include "auth/replay_shard.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kMaxShards = 64;
constexpr std::size_t kEntriesWorthAShard = 256;
constexpr std::size_t kMaxIdentifiedBytes = 1024;
constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

/// The length of the key before it, so that no two pairs are the same bytes.
void join(std::string_view api_key, std::string_view nonce, std::uint8_t* out) {
    const auto key_bytes = static_cast<std::uint16_t>(api_key.size());
    std::memcpy(out, &key_bytes, sizeof key_bytes);
    std::memcpy(out + sizeof key_bytes, api_key.data(), api_key.size());
    std::memcpy(out + sizeof key_bytes + api_key.size(), nonce.data(), nonce.size());
}

/// Hashing spreads entries unevenly: six standard deviations of room on top keep one shard from
/// being full long before the table is.
std::size_t shard_capacity(std::size_t max_entries, std::size_t shards) {
    const std::size_t share = (max_entries + shards - 1) / shards;
    if (shards == 1) return share;
    return share + static_cast<std::size_t>(6.0 * std::sqrt(static_cast<double>(share)));
}

}  // namespace

struct ReplayGuard::State {
    State(std::size_t max_entries, std::chrono::milliseconds window) {
        const std::size_t wanted =
            std::clamp<std::size_t>(max_entries / kEntriesWorthAShard, 1, kMaxShards);
        const std::size_t count = std::bit_floor(wanted);
        for (std::size_t i = 0; i < count; ++i)
            shards.push_back(
                std::make_unique<ReplayShard>(shard_capacity(max_entries, count), window, owned));
        if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
            throw std::runtime_error("the random generator failed");
    }

    ReplayShard& shard_of(const Hash128& identity) {
        return *shards[static_cast<std::size_t>(identity.high) & (shards.size() - 1)];
    }

    SipKey key;  // Written before the workers start, and then only read.
    std::atomic<std::int64_t> distrusted_until_ms{std::numeric_limits<std::int64_t>::min()};
    TokenTable<std::uint32_t> owned;
    std::vector<std::unique_ptr<ReplayShard>> shards;
};

ReplayGuard::ReplayGuard(std::size_t max_entries, std::chrono::milliseconds window)
    : state_(std::make_unique<State>(max_entries, window)) {}

ReplayGuard::~ReplayGuard() = default;

Hash128 ReplayGuard::identify(std::string_view api_key, std::string_view nonce) const {
    const std::size_t size = sizeof(std::uint16_t) + api_key.size() + nonce.size();
    std::array<std::uint8_t, kMaxIdentifiedBytes> few;
    std::vector<std::uint8_t> many;  // Not on the path of a request: credentials are short.
    if (size > few.size()) many.resize(size);
    std::uint8_t* const bytes = many.empty() ? few.data() : many.data();
    join(api_key, nonce, bytes);
    return siphash_128(state_->key, std::span<const std::uint8_t>(bytes, size));
}

bool ReplayGuard::holds(const Hash128& identity, Timestamp now) const {
    return state_->shard_of(identity).holds(identity, now);
}

ReplayGuard::Verdict ReplayGuard::record(const NonceUse& use, Timestamp now,
                                         std::size_t most_of_owner) {
    if (use.created <= distrusted_until()) return Verdict::state_lost;
    return state_->shard_of(use.identity)
        .record({use.identity, use.valid_until, use.owner}, now, most_of_owner);
}

void ReplayGuard::distrust_created_until(Timestamp bound) {
    const std::int64_t wanted = bound.time_since_epoch().count();
    std::int64_t seen = state_->distrusted_until_ms.load(std::memory_order_relaxed);
    while (seen < wanted && !state_->distrusted_until_ms.compare_exchange_weak(seen, wanted))
        continue;
}

Timestamp ReplayGuard::distrusted_until() const {
    return Timestamp(
        std::chrono::milliseconds(state_->distrusted_until_ms.load(std::memory_order_relaxed)));
}

boost::system::error_code ReplayGuard::save(const std::filesystem::path& file,
                                            const std::optional<ReplayLife>& life,
                                            Timestamp now) const {
    ReplayFileContent content;
    content.life = life;
    content.key = state_->key;
    content.saved_at = now;
    content.distrusted_until = distrusted_until();
    // Where the clock was set back, more is forgotten than is over.
    for (const auto& shard : state_->shards)
        content.saved_at = std::max(content.saved_at, shard->forgotten_until());
    content.entries.reserve(size());
    for (const auto& shard : state_->shards)
        shard->each(now, [&](const ReplayEntry& entry) { content.entries.push_back(entry); });
    return write_replay_file(file, content);
}

ReplayGuard::LoadOutcome ReplayGuard::load(const std::filesystem::path& file,
                                           const std::optional<ReplayLife>& last_life,
                                           Timestamp now) {
    ReplayFileContent content;
    LoadOutcome outcome = read_replay_file(file, capacity(), content);
    if (outcome != LoadOutcome::loaded) return outcome;
    if (content.life != last_life) return LoadOutcome::foreign;
    state_->key = content.key;
    // What a crash, or a shorter window, had lost before then is not in the file either.
    distrust_created_until(content.distrusted_until);
    // A clock that was set back meanwhile makes valid again what was left out of the file.
    if (content.saved_at > now)
        for (const auto& shard : state_->shards) shard->forget_until(content.saved_at);
    for (const ReplayEntry& entry : content.entries) {
        if (entry.valid_until < now) continue;
        if (state_->shard_of(entry.identity).record(entry, now, kAnyNumber) == Verdict::table_full)
            outcome = LoadOutcome::too_many;
    }
    if (!remove_replay_file(file)) return LoadOutcome::unreadable;
    return outcome;
}

std::size_t ReplayGuard::size() const {
    std::size_t total = 0;
    for (const auto& shard : state_->shards) total += shard->size();
    return total;
}

std::size_t ReplayGuard::capacity() const {
    std::size_t total = 0;
    for (const auto& shard : state_->shards) total += shard->capacity();
    return total;
}

std::size_t ReplayGuard::size_of(store::TokenNumber owner) const {
    return state_->owned[owner].load(std::memory_order_relaxed);
}

}  // namespace kwikgate::auth
