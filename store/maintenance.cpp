// What operators do to a store: look at its size, copy it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "store/file_descriptor.hpp"
#include "store/files.hpp"
#include "store/lmdb_environment.hpp"
#include "store/lmdb_values.hpp"
#include "store/lookup.hpp"
#include "store/owner.hpp"

namespace kwikgate::store {
namespace {

Result<std::uint64_t> count_entries(MDB_txn* txn, MDB_dbi table) {
    MDB_stat stat{};
    const int code = mdb_stat(txn, table, &stat);
    if (code != MDB_SUCCESS) return to_errc(code);
    return static_cast<std::uint64_t>(stat.ms_entries);
}

Result<void> copy_to(LmdbEnvironment& environment, int fd) {
    for (int attempt = 0; attempt < 8; ++attempt) {
        unsigned flags = MDB_CP_COMPACT;
        if (const auto entered = environment.enter(); !entered) return entered.error();
        int code = mdb_env_copyfd2(environment.handle(), fd, flags);
        if (code == MDB_INCOMPATIBLE && ::ftruncate(fd, 0) == 0 && ::lseek(fd, 0, SEEK_SET) == 0) {
            // A page that no tree and no free list knows stops the compact copy, not the plain one.
            flags = 0;
            code = mdb_env_copyfd2(environment.handle(), fd, flags);
        }
        environment.leave();
        if (code == MDB_SUCCESS) return ::fsync(fd) == 0 ? Result<void>{} : to_errc(errno);
        if (code != MDB_MAP_RESIZED) return to_errc(code);
        if (const auto adopted = environment.adopt(); !adopted) return adopted.error();
    }
    return Errc::busy_resizing;
}

Result<void> fill_backup(LmdbEnvironment& environment, const std::filesystem::path& target) {
    const auto partial = target / kUnfinishedBackup;
    const FileDescriptor fd(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.is_open()) return to_errc(errno);
    auto copied = copy_to(environment, fd.get());
    if (copied) copied = move_into_place(partial, target / kDataFile);
    if (!copied) {
        ::unlink(partial.c_str());
        return copied;
    }
    if (const auto error = sync_directory(target)) return to_errc(error.value());
    return {};
}

}  // namespace

Result<StoreStat> Store::stat() {
    const auto txn = ReadTransaction::begin(*environment_);
    if (!txn) return txn.error();
    const Tables& tables = environment_->tables();
    StoreStat stat;
    const std::pair<MDB_dbi, std::uint64_t*> counts[] = {{tables.ids, &stat.tokens},
                                                         {tables.audit, &stat.audit_entries},
                                                         {tables.usage, &stat.usage_records},
                                                         {tables.sections, &stat.sections}};
    for (const auto& [table, out] : counts) {
        const auto count = count_entries(txn->handle(), table);
        if (!count) return count.error();
        *out = *count;
    }
    MDB_envinfo info{};
    MDB_stat pages{};
    mdb_env_info(environment_->handle(), &info);
    mdb_env_stat(environment_->handle(), &pages);
    stat.used_bytes = (info.me_last_pgno + 1) * pages.ms_psize;
    stat.map_bytes = info.me_mapsize;
    stat.readers = info.me_numreaders;
    stat.max_readers = info.me_maxreaders;
    struct stat file {};
    if (::stat((environment_->directory() / kDataFile).c_str(), &file) != 0) return to_errc(errno);
    stat.file_bytes = static_cast<std::uint64_t>(file.st_size);
    const auto format = meta_number(txn->handle(), tables, kMetaFormat);
    if (!format) return format.error();
    stat.format_version = *format;
    const auto id = look_up(txn->handle(), tables.meta, as_key(kMetaStoreId));
    if (!id) return id.error();
    if (*id) stat.store_id = text_of(to_value(**id));
    return stat;
}

Result<void> Store::backup(const std::filesystem::path& target_directory) {
    if (is_present(target_directory)) return Errc::store_exists;
    const auto as_owner = AsOwner::of_nearest(target_directory);
    if (!as_owner) return as_owner.error();
    if (const auto made = make_directory(target_directory); !made) return made.error();
    const auto filled = fill_backup(*environment_, target_directory);
    if (!filled) ::rmdir(target_directory.c_str());
    return filled;
}

}  // namespace kwikgate::store
