#pragma once

#include "store/lmdb_environment.hpp"

namespace kwikgate::store {

/// The transaction behind a `Write`, and what its operations share.
struct WriteState {
    LmdbEnvironment& environment;
    MDB_txn* txn;  ///< Null once committed.
    bool is_map_full =
        false;  ///< Sticky: the transaction is lost and must run again in a larger map.

    WriteState(LmdbEnvironment& env, MDB_txn* begun) : environment(env), txn(begun) {}
    WriteState(const WriteState&) = delete;
    WriteState& operator=(const WriteState&) = delete;
    ~WriteState();

    const Tables& tables() const { return environment.tables(); }
    Result<void> put(MDB_dbi table, std::span<const std::byte> key,
                     std::span<const std::byte> value, unsigned flags = 0);
    Result<void> erase(MDB_dbi table, std::span<const std::byte> key);
    Result<void> check(int code);
    /// The value of a counter in `meta`, which then counts up.
    Result<std::uint32_t> take_number(std::string_view counter);
};

}  // namespace kwikgate::store
