#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace kwikgate::store {

/// What can go wrong below the token model. `message()` is a sentence an operator can act on.
enum class Errc {
    ok = 0,
    not_found,          ///< No such token, section or admin key.
    already_exists,     ///< The api_key, public_key, id or name of a section is taken.
    version_conflict,   ///< The record changed since it was read.
    corrupt_record,     ///< Bytes in the store are not a record.
    newer_format,       ///< Written by a newer kwikgate.
    not_a_store,        ///< The directory holds no kwikgate store.
    store_exists,       ///< `create` met an existing store.
    in_use,             ///< Another process uses the store and it is needed alone, or the reverse.
    already_open,       ///< This process has the store open: LMDB forbids a second time.
    wrong_master_key,   ///< The key check value does not match.
    read_only,          ///< The file system or the permissions forbid writing.
    disk_full,          ///< No space left on the device.
    map_full,           ///< The store's size limit is reached and cannot grow.
    busy_resizing,      ///< The map is being grown; try again.
    too_many_readers,   ///< The reader table is full.
    too_many_sections,  ///< `kMaxSections` reached.
    invalid_argument,   ///< A value breaks the limits of the record.
    store_gone,         ///< Its file was removed or replaced while it is open.
    no_memory,          ///< No memory or address space for the map.
    foreign_file,       ///< A file of the store is a link, or belongs to another user.
    cannot_become_owner,  ///< Root may not act as the owner of the directory.
    io_error,             ///< Anything else the operating system said.
};

const boost::system::error_category& store_category() noexcept;
boost::system::error_code make_error_code(Errc value) noexcept;

template <class T>
using Result = boost::system::result<T>;

}  // namespace kwikgate::store

namespace boost::system {
template <>
struct is_error_code_enum<kwikgate::store::Errc> : std::true_type {};
}  // namespace boost::system
