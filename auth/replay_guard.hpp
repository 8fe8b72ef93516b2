#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/system/error_code.hpp>

#include "auth/siphash.hpp"
#include "auth/vocabulary.hpp"
#include "store/types.hpp"

namespace kwikgate::auth {

/// One use of a nonce. What the signature says of it was checked before.
struct NonceUse {
    Hash128 identity;            ///< `ReplayGuard::identify`.
    store::TokenNumber owner{};  ///< The token whose share of the table it takes; 0: nobody's.
    Timestamp created{};
    Timestamp valid_until{};
};

/// The number under which a gateway serves from a store, from a start to the end: what it leaves
/// behind is of use only to the one that comes right after it.
using ReplayLife = std::array<std::uint8_t, 16>;

/// Remembers which nonces were used, so that a captured write is accepted once. Shared by all
/// workers. A request looks early (`holds`) and records late (`record`), so that one that is
/// refused in between leaves nothing here; only `record` decides.
///
/// A nonce is identified by API_KEY and all its bytes, held as SipHash-2-4 of 128 bits under a
/// random key: two different nonces are taken for one with probability 2^-128 a pair, and nobody
/// without the key can look for such a pair. Memory is reserved up front, taken as it fills, and
/// never grows: 44 bytes an entry. Entries leave in time slices, a few per `record`; nothing is
/// forgotten before its `valid_until`: a full table refuses. Each token's entries are counted, over
/// all shards, so that one token can be kept from filling the table.
/// **Threads**: any. One mutex a shard (up to 64), held for a bounded number of steps.
/// **Cost**: about 0.1 us for `identify` with `record`; no system call unless two workers meet in
/// one shard; allocates when a token's number is the first of its 4,096 (`TokenTable`).
class ReplayGuard {
  public:
    enum class Verdict : std::uint8_t {
        fresh,       ///< First use, now remembered.
        replayed,    ///< Used before.
        table_full,  ///< Cannot be remembered: refuse, do not forget.
        share_used,  ///< The token has as many entries as it may: the same, for this token alone.
        state_lost,  ///< Created at a time of which the memory is gone (see
                     ///< `distrust_created_until`).
    };
    enum class LoadOutcome : std::uint8_t {
        loaded,
        absent,       ///< No such file.
        unreadable,   ///< The operating system refused, or the file could not be removed.
        permissions,  ///< Others than the owner can read or write it.
        damaged,      ///< Not a state file, truncated, or its checksum is wrong.
        too_many,     ///< More live entries than this table may hold.
        foreign,      ///< Of another life than the last one: it may lack what was used since.
    };

    /// `window` is the longest time from acceptance to `valid_until` that is usual (max_age +
    /// max_ahead): it sets the width of a slice, entries that live longer are kept all the same.
    explicit ReplayGuard(std::size_t max_entries, std::chrono::milliseconds window);
    ~ReplayGuard();
    ReplayGuard(const ReplayGuard&) = delete;
    ReplayGuard& operator=(const ReplayGuard&) = delete;

    /// What a nonce is known by here. `api_key` in one spelling: a token that is deleted and
    /// imported again has used its nonces. Hashed once: keep it from the look to the record.
    Hash128 identify(std::string_view api_key, std::string_view nonce) const;
    /// Whether the nonce was used and its signature is still good. Changes nothing, and promises
    /// nothing: another request may record the nonce in the next moment.
    bool holds(const Hash128& identity, Timestamp now) const;
    /// Remembers the nonce unless it is known: of any number of calls at once, one gets `fresh`.
    /// Call after the signature verified, and last before anything goes upstream. `valid_until`
    /// must not be past: what is over may be forgotten, and would be fresh a second time. The token
    /// gets no more than `most_of_owner` entries.
    Verdict record(const NonceUse& use, Timestamp now, std::size_t most_of_owner);

    /// From now on, signatures created at or before `bound` give `state_lost`. After a crash call
    /// it with start + max_ahead (a client whose clock was ahead may have used such a signature
    /// just before); after a reload with a longer max_age, with now - old max_age. Only ever moves
    /// forward.
    void distrust_created_until(Timestamp bound);
    Timestamp distrusted_until() const;

    /// Writes the live entries to `file` as those of `life`: temporary file, fsync, rename, 0600,
    /// checksummed. Call at the end of a drain, when nothing is recorded any more.
    boost::system::error_code save(const std::filesystem::path& file,
                                   const std::optional<ReplayLife>& life, Timestamp now) const;
    /// Takes over what `save` wrote and **removes the file**, so that a crash later cannot bring an
    /// old state back. `last_life` is whose file it must be; one that is unknown takes only a file
    /// from before there were lives. Call before serving, on an empty table. On anything but
    /// `loaded` nothing was taken and the past is unknown: call `distrust_created_until`.
    LoadOutcome load(const std::filesystem::path& file, const std::optional<ReplayLife>& last_life,
                     Timestamp now);

    std::size_t size() const;  ///< Entries held, expired ones included until they are reclaimed.
    std::size_t capacity() const;                         ///< At least `max_entries`.
    std::size_t size_of(store::TokenNumber owner) const;  ///< What `size` counts, of one token.

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::auth
