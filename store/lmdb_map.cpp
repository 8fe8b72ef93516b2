#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "store/files.hpp"
#include "store/lmdb_environment.hpp"

// Who may use the map, and how it is replaced by a larger one: see LmdbEnvironment.
namespace kwikgate::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReaderPatience{20};  // What one request may wait for a map change.
constexpr milliseconds kResizeSlice{100};    // How long readers are turned away at a time.
constexpr int kResizeSlices = 30;
constexpr int kEnterAttempts = 50;
constexpr int kAdoptAttempts = 8;

/// LMDB unmaps before it maps anew: find out first whether the address space is there.
bool has_address_space(std::size_t bytes) {
    void* probe =
        ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (probe == MAP_FAILED) return false;
    ::munmap(probe, bytes);
    return true;
}

}  // namespace

Result<MDB_txn*> LmdbEnvironment::register_reader(std::atomic<bool>& active) {
    auto txn = begin(MDB_RDONLY);
    if (!txn) return txn.error();
    mdb_txn_reset(*txn);
    leave();
    const std::lock_guard lock(mutex_);
    readers_.push_back(&active);
    return *txn;
}

void LmdbEnvironment::unregister_reader(MDB_txn* txn, std::atomic<bool>& active) {
    const std::lock_guard lock(mutex_);
    mdb_txn_abort(txn);
    std::erase(readers_, &active);
}

Result<void> LmdbEnvironment::begin_snapshot_slowly(MDB_txn* txn, std::atomic<bool>& active) {
    // Bounded, because a caller of another snapshot on this thread may be what the resizer waits
    // for.
    std::unique_lock lock(mutex_, std::try_to_lock);
    for (const auto deadline = std::chrono::steady_clock::now() + kReaderPatience;
         !lock.owns_lock(); lock.try_lock()) {
        if (std::chrono::steady_clock::now() >= deadline) return Errc::busy_resizing;
        std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    // Nobody resizes while the mutex is held: flag and renew need no check here.
    for (const bool adopts : {true, false}) {
        if (is_lost_.load()) return Errc::io_error;
        active.store(true, std::memory_order_seq_cst);
        const int code = mdb_txn_renew(txn);
        if (code == MDB_SUCCESS) return {};
        active.store(false, std::memory_order_release);
        if (code != MDB_MAP_RESIZED) return to_errc(code);
        if (!adopts) break;
        if (const auto resized = resize_when_quiet(false, kReaderPatience); !resized)
            return resized.error();
    }
    return Errc::busy_resizing;
}

Result<void> LmdbEnvironment::enter() {
    for (int attempt = 0; attempt < kEnterAttempts; ++attempt) {
        if (is_lost_.load()) return Errc::io_error;
        transactions_.fetch_add(1, std::memory_order_seq_cst);
        if (!resizing_.load(std::memory_order_seq_cst)) return {};
        leave();
        // The resizer holds the mutex for a bounded time.
        const std::lock_guard lock(mutex_);
    }
    return Errc::busy_resizing;
}

Result<MDB_txn*> LmdbEnvironment::begin(unsigned flags) {
    for (int attempt = 0; attempt < kAdoptAttempts; ++attempt) {
        if (const auto entered = enter(); !entered) return entered.error();
        MDB_txn* txn = nullptr;
        const int code = mdb_txn_begin(env_, nullptr, flags, &txn);
        if (code == MDB_SUCCESS) return txn;
        leave();
        if (code != MDB_MAP_RESIZED) return to_errc(code);
        if (const auto adopted = adopt(); !adopted) return adopted.error();
    }
    return Errc::busy_resizing;
}

bool LmdbEnvironment::is_quiet() const {
    return transactions_.load(std::memory_order_seq_cst) == 0 &&
           std::none_of(readers_.begin(), readers_.end(), [](const std::atomic<bool>* active) {
               return active->load(std::memory_order_seq_cst);
           });
}

Result<void> LmdbEnvironment::resize(bool doubles) {
    for (int slice = 0; slice < kResizeSlices; ++slice) {
        {
            const std::lock_guard lock(mutex_);
            const auto result = resize_when_quiet(doubles, kResizeSlice);
            if (result || result.error() != Errc::busy_resizing) return result;
        }
        // A long read is under way. Let requests through before the next try.
        std::this_thread::sleep_for(milliseconds(5));
    }
    return Errc::busy_resizing;
}

Result<void> LmdbEnvironment::resize_when_quiet(bool doubles, Duration patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    resizing_.store(true, std::memory_order_seq_cst);
    while (!is_quiet()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            resizing_.store(false, std::memory_order_seq_cst);
            return Errc::busy_resizing;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    const auto result = remap(doubles);
    // With the map lost, readers stay on the slow path, which reports it.
    if (!is_lost_.load()) resizing_.store(false, std::memory_order_seq_cst);
    return result;
}

Result<void> LmdbEnvironment::remap(bool doubles) {
    const std::size_t before = map_bytes();
    int descriptor = -1;
    mdb_env_get_fd(env_, &descriptor);
    const MapSizes file = map_sizes(descriptor);
    std::size_t wanted = std::max(before, file.recorded);
    if (doubles && file.recorded <= before) wanted = before > SIZE_MAX / 2 ? 0 : before * 2;
    bool is_full = false;
    if (wanted == 0 || (wanted > before && !has_address_space(wanted))) {
        // Another process had room for more. What is used is enough to read it.
        is_full = doubles;
        wanted = std::max(before, file.used);
        if (wanted > before && !has_address_space(wanted)) return Errc::no_memory;
    }
    const int code = wanted == before ? MDB_SUCCESS : mdb_env_set_mapsize(env_, wanted);
    if (code != MDB_SUCCESS) {
        // LMDB has no map now. Without one every read would crash, so none is let through again.
        // (EINVAL is said before anything is unmapped.)
        if (code != EINVAL && mdb_env_set_mapsize(env_, before) != MDB_SUCCESS)
            is_lost_.store(true);
        return to_errc(code);
    }
    if (is_full) return Errc::map_full;
    return {};
}

std::size_t LmdbEnvironment::map_bytes() const {
    MDB_envinfo info{};
    mdb_env_info(env_, &info);
    return info.me_mapsize;
}

}  // namespace kwikgate::store
