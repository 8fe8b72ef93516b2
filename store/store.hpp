#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/error.hpp"
#include "store/token_record.hpp"
#include "store/usage.hpp"

namespace kwikgate::store {

enum class OpenMode { read_write, read_only };

struct StoreOptions {
    OpenMode mode = OpenMode::read_write;
    std::size_t map_bytes = std::size_t{64} << 30;  ///< Reserved address space; grows if too small.
    unsigned max_readers = 512;
    /// With read_write: nobody else may have it open to write. Not kept up by `create`.
    bool is_alone = false;
};

struct StoreStat {
    std::uint64_t tokens = 0, audit_entries = 0, usage_records = 0, sections = 0;
    std::uint64_t used_bytes = 0, map_bytes = 0, file_bytes = 0;
    unsigned readers = 0, max_readers = 0, format_version = 0;
    std::string store_id;
};

/// Who changed what. Never holds a secret. `before` and `after` are JSON objects as text, or empty.
struct AuditEntry {
    std::uint64_t sequence = 0;
    Timestamp at{};
    std::string actor;   ///< "cli:root", "admin:adm_…", "gateway".
    std::string action;  ///< "token.create", "token.disable", …
    std::string token_id;
    std::string before;
    std::string after;
};

/// A key of the admin API, hashed (SHA-256 of a 256-bit random key: no slow hash is needed).
struct AdminKeyRecord {
    std::string id;
    std::string name;
    std::string role;  ///< "viewer" or "admin".
    std::array<std::uint8_t, 32> key_sha256{};
    Timestamp created_at{};
};

class Reader;
class Write;
class LmdbEnvironment;
struct ReaderState;
struct WriteState;

/// A consistent view of the store. **Threads**: the one that began it. **Owns** a read transaction
/// until destroyed; views it returned die with it. Never keep one across a suspension: it pins old
/// pages. **Cost**: one renew and one reset; no allocation and no system call.
class Snapshot {
  public:
    Snapshot(Snapshot&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Snapshot& operator=(Snapshot&&) = delete;
    ~Snapshot();

    /// Empty when there is no such token: not an error. One B-tree descent by api_key, two else.
    Result<std::optional<TokenView>> token_by_key(std::string_view api_key) const;
    Result<std::optional<TokenView>> token_by_public_key(std::string_view public_key) const;
    Result<std::optional<TokenView>> token_by_id(std::string_view id) const;

    /// Visits tokens in order of creation, from after `after_id` (empty: from the first) until the
    /// visitor returns false. A record that does not decode is passed to `on_corrupt` when set.
    Result<void> for_each_token(
        std::string_view after_id, const std::function<bool(const TokenView&)>& visit,
        const std::function<void(std::string_view api_key)>& on_corrupt = {}) const;
    /// The same from the newest to the oldest, from before `before_id` (empty: from the last).
    Result<void> for_each_token_backwards(
        std::string_view before_id, const std::function<bool(const TokenView&)>& visit,
        const std::function<void(std::string_view api_key)>& on_corrupt = {}) const;
    /// Visits audit entries from `from_sequence` on, oldest first.
    Result<void> for_each_audit(std::uint64_t from_sequence,
                                const std::function<bool(const AuditEntry&)>& visit) const;
    /// Visits audit entries before `before_sequence`, newest first.
    Result<void> for_each_audit_backwards(
        std::uint64_t before_sequence, const std::function<bool(const AuditEntry&)>& visit) const;
    /// Empty usage for a token that was never used.
    Result<TokenUsage> usage(TokenNumber number) const;
    /// The days from `from` to `to` on which the token was used, oldest first. **Cost**: one B-tree
    /// descent; at most `kUsageDays` records. A record that does not decode is left out.
    Result<std::vector<UsageDay>> usage_days(TokenNumber number, std::chrono::sys_days from,
                                             std::chrono::sys_days to) const;
    /// The registry: slug by id, ascending.
    Result<std::vector<std::pair<SectionId, std::string>>> sections() const;
    Result<std::vector<AdminKeyRecord>> admin_keys() const;
    /// A small named value (key check value, replay watermark). Empty when unset.
    Result<std::optional<std::string>> meta(std::string_view name) const;

  private:
    friend class Reader;
    explicit Snapshot(ReaderState& state) : state_(&state) {}
    using TokenVisit = std::function<bool(const TokenView&)>;
    using CorruptVisit = std::function<void(std::string_view api_key)>;
    Result<bool> visit_token(std::string_view id, std::string_view api_key, const TokenVisit& visit,
                             const CorruptVisit& on_corrupt) const;
    ReaderState* state_;
};

/// One thread's way to read. Make one per worker at start, `snapshot()` per request.
class Reader {
  public:
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) = delete;
    ~Reader();

    /// Sees every change committed before the call, by this process or another.
    /// **Errors**: `busy_resizing`, `too_many_readers`, `io_error`. At most one snapshot at a time.
    Result<Snapshot> snapshot();

  private:
    friend class Store;
    explicit Reader(std::unique_ptr<ReaderState> state);
    std::unique_ptr<ReaderState> state_;
};

/// One transaction of changes: all or nothing, synced to disk when `commit` returns success.
/// **Threads**: the one that began it; there is one writer at a time over all processes, others
/// wait. Destroyed without commit: nothing happened.
class Write {
  public:
    Write(Write&&) noexcept;
    Write& operator=(Write&&) = delete;
    ~Write();

    /// Gives `record.number` (and keeps `record.id` if set) and stores it.
    /// **Errors**: `already_exists` for a taken api_key, public_key or id.
    Result<void> insert_token(TokenRecord& record);
    /// Replaces the record of the same id. **Errors**: `not_found`; `version_conflict` unless the
    /// stored version is `record.version - 1`.
    Result<void> update_token(const TokenRecord& record);
    Result<void> erase_token(std::string_view id);
    Result<std::optional<TokenRecord>> token_by_id(std::string_view id) const;
    Result<std::optional<TokenRecord>> token_by_key(std::string_view api_key) const;
    /// Gives every secret of every token to `change` and stores what it made of it; versions stay.
    /// Returns how many tokens there were. What `change` returns ends it, with the transaction
    /// lost.
    using SecretChange = std::function<Result<void>(SecretRecord&, std::string_view token_id)>;
    Result<std::uint64_t> change_secrets(const SecretChange& change);

    Result<void> append_audit(const AuditEntry& entry);  ///< Gives the sequence number.
    /// Adds to what is known of each token and to its day, and drops days above `kUsageDays`. A
    /// record that does not decode starts anew; one of a newer format is left alone.
    Result<void> merge_usage(std::span<const UsageDelta> deltas);
    /// The id of `slug`, registered if new. Ids are never reused, also not for removed slugs.
    Result<SectionId> register_section(std::string_view slug);
    Result<void> put_admin_key(const AdminKeyRecord& key);
    Result<void> erase_admin_key(std::string_view id);
    Result<void> put_meta(std::string_view name, std::string_view value);

    Result<void> commit();

  private:
    friend class Store;
    explicit Write(std::unique_ptr<WriteState> state);
    std::unique_ptr<WriteState> state_;
};

/// The durable state: one LMDB environment in a directory. **Threads**: all calls are safe from any
/// thread. Several processes may have the same store open. Readers and writes must not outlive it.
class Store {
  public:
    /// Makes an empty store. **Errors**: `store_exists`, `read_only`, `io_error`.
    static Result<Store> create(const std::filesystem::path& directory, StoreOptions options = {});
    /// **Errors**: `not_a_store`, `newer_format`, `read_only` (wanted read_write), `io_error`.
    static Result<Store> open(const std::filesystem::path& directory, StoreOptions options = {});

    Store(Store&&) noexcept;
    Store& operator=(Store&&) = delete;
    ~Store();

    Result<Reader> reader();
    /// Waits for the one writer. Stale readers of dead processes are cleared on the way.
    /// **Errors**: `store_gone` where what is written would not be there after a restart.
    Result<Write> begin_write();
    /// False when its file was removed or replaced: what is known can still be read.
    bool is_in_place() const;
    /// Runs `change` in a transaction and commits. When the map is full it is grown and `change`
    /// runs again, so it must have no effects of its own.
    Result<void> write(const std::function<Result<void>(Write&)>& change);

    Result<StoreStat> stat();
    /// Reads every record and index; returns a sentence a problem, empty when sound. `read` counts
    /// the records meanwhile, for whoever waits.
    Result<std::vector<std::string>> verify(std::atomic<std::uint64_t>* read = nullptr);
    /// A compact consistent copy while others read and write. The target must not exist. Until it
    /// is complete the file in it is called `kUnfinishedBackup`.
    Result<void> backup(const std::filesystem::path& target_directory);
    /// Frees reader slots of processes that died; returns how many.
    Result<int> clear_stale_readers();

  private:
    explicit Store(std::unique_ptr<LmdbEnvironment> environment);
    std::unique_ptr<LmdbEnvironment> environment_;
};

}  // namespace kwikgate::store
