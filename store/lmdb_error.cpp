#include "store/lmdb_error.hpp"

#include <lmdb.h>

#include <cerrno>

namespace kwikgate::store {

Errc to_errc(int code) noexcept {
    switch (code) {
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
        case ENOMEM:
            return Errc::no_memory;
        case ELOOP:  // A link where O_NOFOLLOW asks for the file itself.
            return Errc::foreign_file;
        case ENOENT:
        case ENOTDIR:
            return Errc::not_a_store;
        default:
            return Errc::io_error;
    }
}

}  // namespace kwikgate::store
