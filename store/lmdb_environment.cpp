#include "store/lmdb_environment.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "store/files.hpp"

namespace kwikgate::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReaderPatience{20};  // What one request may wait for a map change.
constexpr milliseconds kResizeSlice{100};    // How long readers are turned away at a time.
constexpr int kResizeSlices = 30;
constexpr int kEnterAttempts = 50;
constexpr int kAdoptAttempts = 8;
constexpr mdb_mode_t kFileMode = 0600;

std::size_t whole_pages(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return std::max(bytes / page, std::size_t{16}) * page;
}

/// LMDB unmaps before it maps anew: find out first whether the address space is there.
bool has_address_space(std::size_t bytes) {
    void* probe =
        ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (probe == MAP_FAILED) return false;
    ::munmap(probe, bytes);
    return true;
}

}  // namespace

Errc to_errc(int lmdb_code) noexcept {
    switch (lmdb_code) {
        case MDB_SUCCESS:
            return Errc::ok;
        case MDB_NOTFOUND:
            return Errc::not_found;
        case MDB_KEYEXIST:
            return Errc::already_exists;
        case MDB_MAP_FULL:
            return Errc::map_full;
        case MDB_MAP_RESIZED:
            return Errc::busy_resizing;
        case MDB_READERS_FULL:
            return Errc::too_many_readers;
        case MDB_INVALID:
            return Errc::not_a_store;
        case MDB_VERSION_MISMATCH:
            return Errc::newer_format;
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_INCOMPATIBLE:
            return Errc::corrupt_record;
        case MDB_BAD_VALSIZE:
            return Errc::invalid_argument;
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return Errc::disk_full;
        case EROFS:
        case EACCES:
        case EPERM:
            return Errc::read_only;
        case ENOENT:
            return Errc::not_a_store;
        default:
            return Errc::io_error;
    }
}

Result<std::unique_ptr<LmdbEnvironment>> LmdbEnvironment::open(
    const std::filesystem::path& directory, const StoreOptions& options, bool creates_tables) {
    std::unique_ptr<LmdbEnvironment> environment(new LmdbEnvironment);
    environment->directory_ = directory;
    environment->is_read_only_ = options.mode == OpenMode::read_only;
    if (const auto opened = environment->open_environment(options); !opened) return opened.error();
    if (const auto opened = environment->open_tables(creates_tables); !opened)
        return opened.error();
    environment->open_usage_days();
    return environment;
}

LmdbEnvironment::~LmdbEnvironment() {
    if (env_ != nullptr) mdb_env_close(env_);
}

Result<void> LmdbEnvironment::open_environment(const StoreOptions& options) {
    const auto data_file = directory_ / kDataFile;
    if (is_present(data_file)) {
        auto mark = OpenMark::take(data_file);
        if (!mark) return mark.error();
        mark_ = std::make_unique<OpenMark>(std::move(*mark));
    }
    if (!is_read_only_) {
        auto hold = options.is_alone ? Hold::take_alone(directory_) : Hold::share(directory_);
        if (!hold) return hold.error();
        hold_.emplace(std::move(*hold));
    }
    unsigned flags = MDB_NOTLS | (is_read_only_ ? MDB_RDONLY : 0U);
    for (bool is_retry = false;; is_retry = true) {
        if (const int code = mdb_env_create(&env_); code != MDB_SUCCESS) return to_errc(code);
        mdb_env_set_mapsize(env_, whole_pages(options.map_bytes));
        mdb_env_set_maxreaders(env_, options.max_readers);
        mdb_env_set_maxdbs(env_, 16);
        const int code = mdb_env_open(env_, directory_.c_str(), flags, kFileMode);
        if (code == MDB_SUCCESS) break;
        mdb_env_close(env_);
        env_ = nullptr;
        // Without a lock file no writer can see this reader, so this is only right where there is
        // no lock file, hence no writer, and none can be made (a store on read-only media; LMDB
        // itself sees to EROFS). A lock file that is there and may not be opened means a live
        // owner.
        const bool lacks_lock_file = code == EACCES && !is_present(directory_ / kLockFile);
        if (is_retry || !is_read_only_ || !lacks_lock_file) return to_errc(code);
        flags |= MDB_NOLOCK;
    }
    if (mark_ == nullptr) {
        auto mark = OpenMark::take(data_file);
        if (!mark) return mark.error();
        mark_ = std::make_unique<OpenMark>(std::move(*mark));
    }
    // Start with what the store has grown to, should that be more than the option asks for.
    return remap(false);
}

Result<void> LmdbEnvironment::open_tables(bool creates) {
    const std::pair<const char*, MDB_dbi*> names[] = {
        {"tokens", &tables_.tokens},     {"ids", &tables_.ids},
        {"numbers", &tables_.numbers},   {"public_keys", &tables_.public_keys},
        {"sections", &tables_.sections}, {"audit", &tables_.audit},
        {"usage", &tables_.usage},       {"admin_keys", &tables_.admin_keys},
        {"meta", &tables_.meta}};
    auto txn = begin(creates ? 0U : MDB_RDONLY);
    if (!txn) return txn.error();
    int code = MDB_SUCCESS;
    for (const auto& [name, handle] : names) {
        code = mdb_dbi_open(*txn, name, creates ? MDB_CREATE : 0U, handle);
        if (code != MDB_SUCCESS) break;
    }
    if (code == MDB_SUCCESS) {
        code = mdb_txn_commit(*txn);
    } else {
        mdb_txn_abort(*txn);
    }
    leave();
    // Another program's environment, or an empty one, lacks our tables.
    if (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE) return Errc::not_a_store;
    if (code != MDB_SUCCESS) return to_errc(code);
    return {};
}

void LmdbEnvironment::open_usage_days() {
    // Nothing depends on it but a chart: what keeps it from being made must not keep tokens away.
    for (const unsigned flags : {unsigned{MDB_RDONLY}, 0U}) {
        if (flags == 0 && is_read_only_) return;
        auto txn = begin(flags);
        if (!txn) return;
        MDB_dbi handle = 0;
        int code = mdb_dbi_open(*txn, "usage_days", flags == 0 ? MDB_CREATE : 0U, &handle);
        if (code == MDB_SUCCESS) {
            code = mdb_txn_commit(*txn);
        } else {
            mdb_txn_abort(*txn);
        }
        leave();
        if (code == MDB_SUCCESS) {
            tables_.usage_days = handle;
            return;
        }
    }
}

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
    // Zero stands for the size that the last committed writer recorded.
    int code = mdb_env_set_mapsize(env_, 0);
    const std::size_t recorded = code == MDB_SUCCESS ? map_bytes() : before;
    std::size_t wanted = std::max(before, recorded);
    if (doubles && recorded <= before) wanted = before > SIZE_MAX / 2 ? 0 : before * 2;
    bool is_full = false;
    if (wanted == 0 || (wanted > before && !has_address_space(wanted))) {
        is_full = true;
        wanted = before;
    }
    if (code == MDB_SUCCESS && map_bytes() != wanted) code = mdb_env_set_mapsize(env_, wanted);
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

bool LmdbEnvironment::is_in_place() const {
    int descriptor = -1;
    struct stat open_file {};
    struct stat there {};
    return mdb_env_get_fd(env_, &descriptor) == MDB_SUCCESS &&
           ::fstat(descriptor, &open_file) == 0 &&
           ::stat((directory_ / kDataFile).c_str(), &there) == 0 &&
           open_file.st_dev == there.st_dev && open_file.st_ino == there.st_ino;
}

std::size_t LmdbEnvironment::map_bytes() const {
    MDB_envinfo info{};
    mdb_env_info(env_, &info);
    return info.me_mapsize;
}

Result<ReadTransaction> ReadTransaction::begin(LmdbEnvironment& environment) {
    auto txn = environment.begin(MDB_RDONLY);
    if (!txn) return txn.error();
    return ReadTransaction(environment, *txn);
}

ReadTransaction::~ReadTransaction() {
    if (txn_ == nullptr) return;
    mdb_txn_abort(txn_);
    environment_->leave();
}

}  // namespace kwikgate::store
