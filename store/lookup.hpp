#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "store/lmdb_environment.hpp"

namespace kwikgate::store {

/// Reads one value; empty when there is none. Keys that cannot be in the store, the empty one and
/// those that are too long, are not there. **Cost**: one B-tree descent, no allocation.
Result<std::optional<std::span<const std::byte>>> look_up(MDB_txn* txn, MDB_dbi table,
                                                          std::span<const std::byte> key);

/// A token by a key of `tokens`. Refuses a record that stands under another key than its own.
Result<std::optional<TokenView>> find_by_key(MDB_txn* txn, const Tables& tables,
                                             std::string_view api_key);
/// A token by way of an index whose values are api_keys. A dangling entry is `corrupt_record`.
Result<std::optional<TokenView>> find_by_index(MDB_txn* txn, const Tables& tables, MDB_dbi index,
                                               std::string_view key);

/// A number of `meta`, or `corrupt_record` when it is missing.
Result<std::uint32_t> meta_number(MDB_txn* txn, const Tables& tables, std::string_view name);

}  // namespace kwikgate::store
