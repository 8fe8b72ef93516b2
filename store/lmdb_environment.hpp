#pragma once

#include <lmdb.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "store/hold.hpp"
#include "store/lmdb_error.hpp"
#include "store/open_mark.hpp"
#include "store/store.hpp"

namespace kwikgate::store {

/// The named databases. All keys sort as bytes; numbers in keys are big-endian.
struct Tables {
    MDB_dbi tokens = 0;       ///< api_key -> token record: the one descent of the request path.
    MDB_dbi ids = 0;          ///< id -> api_key. Ids sort by creation.
    MDB_dbi numbers = 0;      ///< Token number -> id.
    MDB_dbi public_keys = 0;  ///< public_key -> api_key.
    MDB_dbi sections = 0;     ///< Section id (1 byte) -> slug.
    MDB_dbi audit = 0;        ///< Sequence -> audit entry.
    MDB_dbi usage = 0;        ///< Token number -> usage.
    /// Token number, day -> usage of the day. A store made before there were days gets it when it
    /// is next opened to write; until then, and where there is no room for it, none are kept.
    std::optional<MDB_dbi> usage_days;
    MDB_dbi admin_keys = 0;  ///< id -> admin key.
    MDB_dbi meta = 0;        ///< name -> value; names beginning with "store." are our own.
};

inline constexpr unsigned kFormatVersion = 1;
inline constexpr std::string_view kMetaFormat = "store.format";
inline constexpr std::string_view kMetaStoreId = "store.id";
inline constexpr std::string_view kMetaNextToken = "store.next_token";
inline constexpr std::string_view kMetaNextSection = "store.next_section";

/// One LMDB environment and the rule under which its map may be replaced.
///
/// LMDB forbids `mdb_env_set_mapsize` while any transaction of the process is active, and it is
/// needed when the map is full or another process grew the file. The request path can pay no lock,
/// so the two sides meet as in Dekker's algorithm: a reader stores its `active` flag and then loads
/// `resizing`; the resizer stores `resizing` and then loads every `active`. Both are sequentially
/// consistent, so at least one of them sees the other: either the reader backs off, or the resizer
/// waits for it. All other transactions (writes, verify, backup) are counted in `transactions_`
/// under the same rule.
class LmdbEnvironment {
  public:
    static Result<std::unique_ptr<LmdbEnvironment>> open(const std::filesystem::path& directory,
                                                         const StoreOptions& options,
                                                         bool creates_tables);
    LmdbEnvironment(const LmdbEnvironment&) = delete;
    LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;
    ~LmdbEnvironment();

    MDB_env* handle() const { return env_; }
    const Tables& tables() const { return tables_; }
    bool is_read_only() const { return is_read_only_; }
    /// False when the file in the directory is not the one that is open any more.
    bool is_in_place() const;
    const std::filesystem::path& directory() const { return directory_; }

    /// Makes a reset read transaction and has `active` watched by resizers.
    Result<MDB_txn*> register_reader(std::atomic<bool>& active);
    void unregister_reader(MDB_txn* txn, std::atomic<bool>& active);
    /// Renews `txn`; on success `active` is set. **Cost**: two atomic operations beside LMDB's own.
    Result<void> begin_snapshot(MDB_txn* txn, std::atomic<bool>& active) {
        active.store(true, std::memory_order_seq_cst);
        if (!resizing_.load(std::memory_order_seq_cst)) [[likely]] {
            const int code = mdb_txn_renew(txn);
            if (code == MDB_SUCCESS) [[likely]]
                return {};
            active.store(false, std::memory_order_release);
            if (code != MDB_MAP_RESIZED) return to_errc(code);
        }
        active.store(false, std::memory_order_release);
        return begin_snapshot_slowly(txn, active);
    }

    /// Begins a counted transaction; waits for a resize in progress, adopts a grown map. To be
    /// ended by mdb_txn_commit or mdb_txn_abort and then `leave()`.
    Result<MDB_txn*> begin(unsigned flags);
    /// The count alone, for LMDB calls that make their own transaction.
    Result<void> enter();
    void leave() { transactions_.fetch_sub(1, std::memory_order_release); }

    /// Doubles the map, or adopts a larger size that another process chose. **Errors**: `map_full`
    /// when the address space is exhausted, `busy_resizing` when transactions of this process did
    /// not end in time.
    Result<void> grow() { return resize(true); }
    /// Takes over the size that another process gave the map.
    Result<void> adopt() { return resize(false); }

    std::size_t map_bytes() const;

  private:
    using Duration = std::chrono::milliseconds;

    LmdbEnvironment() = default;
    Result<void> open_environment(const std::filesystem::path& place, const StoreOptions& options);
    Result<void> open_tables(bool creates);
    void open_usage_days();
    Result<void> begin_snapshot_slowly(MDB_txn* txn, std::atomic<bool>& active);
    Result<void> resize(bool doubles);
    Result<void> resize_when_quiet(bool doubles, Duration patience);
    Result<void> remap(bool doubles);
    bool is_quiet() const;

    std::filesystem::path directory_;
    MDB_env* env_ = nullptr;
    Tables tables_;
    bool is_read_only_ = false;
    std::unique_ptr<OpenMark> mark_;
    std::optional<Hold> hold_;  // Of those who may write.

    std::atomic<bool> resizing_{false};
    std::atomic<unsigned> transactions_{0};
    std::atomic<bool> is_lost_{false};         // The map could not be restored.
    std::mutex mutex_;                         // Guards readers_; held while resizing.
    std::vector<std::atomic<bool>*> readers_;  // The `active` flags.
};

/// A read transaction for work off the request path. Ends when destroyed.
class ReadTransaction {
  public:
    static Result<ReadTransaction> begin(LmdbEnvironment& environment);
    ReadTransaction(ReadTransaction&& other) noexcept
        : environment_(other.environment_), txn_(std::exchange(other.txn_, nullptr)) {}
    ReadTransaction& operator=(ReadTransaction&&) = delete;
    ~ReadTransaction();
    MDB_txn* handle() const { return txn_; }

  private:
    ReadTransaction(LmdbEnvironment& environment, MDB_txn* txn)
        : environment_(&environment), txn_(txn) {}
    LmdbEnvironment* environment_;
    MDB_txn* txn_;
};

}  // namespace kwikgate::store
