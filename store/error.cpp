#include "store/error.hpp"

#include <cstddef>

namespace kwikgate::store {
namespace {

const char* text(Errc value) noexcept {
    switch (value) {
        case Errc::ok:
            return "no error";
        case Errc::not_found:
            return "no such entry in the store";
        case Errc::already_exists:
            return "the entry already exists in the store";
        case Errc::version_conflict:
            return "the token was changed meanwhile; read it again and repeat the change";
        case Errc::corrupt_record:
            return "the store holds damaged data; run 'kwikgate store verify' or restore a backup";
        case Errc::newer_format:
            return "the store was written by a newer kwikgate; use that version or a newer one";
        case Errc::not_a_store:
            return "the directory holds no kwikgate store: 'kwikgate init' and 'kwikgate store "
                   "create' make one, 'kwikgate store restore' brings a damaged one back";
        case Errc::store_exists:
            return "the directory already holds a store";
        case Errc::in_use:
            return "other processes use the store; stop the gateway, let other commands end, and "
                   "try again";
        case Errc::already_open:
            return "this process has the store open already";
        case Errc::wrong_master_key:
            return "the master key is not the one of this store; if 'kwikgate store rekey' was "
                   "interrupted, run it again";
        case Errc::read_only:
            return "the store cannot be written: check owner, permissions and file system";
        case Errc::disk_full:
            return "no space left for the store; free some and try again";
        case Errc::map_full:
            return "the store reached its size limit and cannot grow";
        case Errc::busy_resizing:
            return "the store is being grown; try again";
        case Errc::too_many_readers:
            return "too many processes or threads read the store";
        case Errc::too_many_sections:
            return "no more sections can be registered";
        case Errc::invalid_argument:
            return "a value breaks the limits of the store";
        case Errc::store_gone:
            return "the store is gone from its directory, so that changes would be lost: stop the "
                   "gateway, restore a backup, start it";
        case Errc::no_memory:
            return "no room in memory for the store's map: give it less (store.map_size, or "
                   "KWIKGATE_MAP_SIZE for a command), or raise the limit (ulimit -v)";
        case Errc::foreign_file:
            return "a file of the store is a link or belongs to another user: look at its "
                   "directory with 'ls -l' and put back what belongs there";
        case Errc::cannot_become_owner:
            return "root lacks the right to act as the owner of the directory (CAP_SETUID, "
                   "CAP_SETGID): run the command as that user";
        case Errc::io_error:
            return "the operating system failed to read or write the store";
    }
    return "unknown error of the store";
}

// Boost gives the base a protected, non-virtual destructor: a category is never deleted through it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class StoreCategory final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "kwikgate.store"; }
    std::string message(int value) const override { return text(static_cast<Errc>(value)); }
    const char* message(int value, char*, std::size_t) const noexcept override {
        return text(static_cast<Errc>(value));
    }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& store_category() noexcept {
    static const StoreCategory category;
    return category;
}

boost::system::error_code make_error_code(Errc value) noexcept {
    return {static_cast<int>(value), store_category()};
}

}  // namespace kwikgate::store
