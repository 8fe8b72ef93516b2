#pragma once

#include <filesystem>

#include "store/error.hpp"

namespace kwikgate::store {

inline constexpr const char* kDataFile = "data.mdb";
/// A backup that is still being written: it must not look like one.
inline constexpr const char* kUnfinishedBackup = "data.mdb.partial";
inline constexpr const char* kLockFile = "lock.mdb";
inline constexpr const char* kHoldFile = "hold.lock";
inline constexpr const char* kServeFile = "serve.lock";

/// True when there is something of that name, or it cannot be told.
bool is_present(const std::filesystem::path& path);
/// Makes the directory with mode 0700, and its parents, unless it is there.
Result<void> make_directory(const std::filesystem::path& directory);
/// A new empty directory inside `directory`.
Result<std::filesystem::path> make_staging_directory(const std::filesystem::path& directory);
/// Gives a file its final name unless that is taken. **Errors**: `store_exists`.
Result<void> move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);
/// **Errors**: `not_a_store` for a missing or empty file (LMDB would make an empty one a store),
/// `corrupt_record` for one that ends before the root of its newest tree: reading it through the
/// map would end the process. A compact copy has its root last, so every cut of a backup is found.
Result<void> must_be_data_file(const std::filesystem::path& file);

/// How large a store's map is said to be by its last committed writer, and how much of it is used;
/// zeros where the file does not tell.
struct MapSizes {
    std::size_t recorded = 0, used = 0;
};
MapSizes map_sizes(int fd);

/// True when the system refuses to let the store's file grow: full, over quota, over a limit.
bool lacks_space(const std::filesystem::path& directory);

}  // namespace kwikgate::store
