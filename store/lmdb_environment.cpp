#include "store/lmdb_environment.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "store/files.hpp"
#include "store/owner.hpp"

namespace kwikgate::store {
namespace {

constexpr mdb_mode_t kFileMode = 0600;

std::size_t whole_pages(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return std::max(bytes / page, std::size_t{16}) * page;
}

}  // namespace

Result<std::unique_ptr<LmdbEnvironment>> LmdbEnvironment::open(
    const std::filesystem::path& directory, const StoreOptions& options, bool creates_tables) {
    std::unique_ptr<LmdbEnvironment> environment(new LmdbEnvironment);
    environment->directory_ = directory;
    environment->is_read_only_ = options.mode == OpenMode::read_only;
    {
        const auto as_owner = AsOwner::of(directory);
        if (!as_owner) return as_owner.error();
        const auto& place = as_owner->directory();
        if (const auto own = check_own_files(place); !own) return own.error();
        if (const auto opened = environment->open_environment(place, options); !opened)
            return opened.error();
    }
    if (const auto opened = environment->open_tables(creates_tables); !opened)
        return opened.error();
    environment->open_usage_days();
    return environment;
}

LmdbEnvironment::~LmdbEnvironment() {
    if (env_ != nullptr) mdb_env_close(env_);
}

Result<void> LmdbEnvironment::open_environment(const std::filesystem::path& place,
                                               const StoreOptions& options) {
    const auto data_file = place / kDataFile;
    if (is_present(data_file)) {
        auto mark = OpenMark::take(data_file);
        if (!mark) return mark.error();
        mark_ = std::make_unique<OpenMark>(std::move(*mark));
    }
    if (!is_read_only_) {
        auto hold = options.is_alone ? Hold::take_alone(place) : Hold::share(place);
        if (!hold) return hold.error();
        hold_.emplace(std::move(*hold));
    }
    unsigned flags = MDB_NOTLS | (is_read_only_ ? MDB_RDONLY : 0U);
    std::size_t map_bytes = options.map_bytes;
    for (;;) {
        if (const int code = mdb_env_create(&env_); code != MDB_SUCCESS) return to_errc(code);
        mdb_env_set_mapsize(env_, whole_pages(map_bytes));
        mdb_env_set_maxreaders(env_, options.max_readers);
        mdb_env_set_maxdbs(env_, 16);
        const int code = mdb_env_open(env_, place.c_str(), flags, kFileMode);
        if (code == MDB_SUCCESS) break;
        mdb_env_close(env_);
        env_ = nullptr;
        // Without a lock file no writer can see this reader, so this is only right where there is
        // no lock file, hence no writer, and none can be made (a store on read-only media; LMDB
        // itself sees to EROFS). A lock file that is there and may not be opened means a live
        // owner.
        const bool lacks_lock_file = code == EACCES && !is_present(place / kLockFile);
        if (is_read_only_ && lacks_lock_file && (flags & MDB_NOLOCK) == 0) {
            flags |= MDB_NOLOCK;
        } else if (is_read_only_ && code == ENOMEM && map_bytes != 0) {
            map_bytes = 0;  // Who only reads needs no room to grow: LMDB maps what is used.
        } else {
            return to_errc(code);
        }
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

bool LmdbEnvironment::is_in_place() const {
    int descriptor = -1;
    struct stat open_file {};
    struct stat there {};
    return mdb_env_get_fd(env_, &descriptor) == MDB_SUCCESS &&
           ::fstat(descriptor, &open_file) == 0 &&
           ::stat((directory_ / kDataFile).c_str(), &there) == 0 &&
           open_file.st_dev == there.st_dev && open_file.st_ino == there.st_ino;
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
