#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/master_key.hpp"
#include "auth/service_error.hpp"
#include "auth/vocabulary.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

/// Name of the store's value that tells its master key: see `MasterKey::check_value`.
inline constexpr std::string_view kKeyCheck = "key_check";

/// True when the store is sealed under this key.
ServiceResult<bool> is_sealed_under(store::Store& store, const MasterKey& key);

/// Seals every secret anew, under `next` in place of `current`, in one transaction with its audit
/// entry: a crash leaves all under the one or all under the other. The store must be open alone
/// (`StoreOptions::is_alone`): whoever holds the old key could still seal with it. Returns how many
/// tokens there are; `sealed_count` counts secrets meanwhile, for whoever waits. **Errors**:
/// store::Errc::wrong_master_key when `current` is not the key, or a secret does not open; nothing
/// has changed then.
ServiceResult<std::uint64_t> rekey(store::Store& store, const MasterKey& current,
                                   const MasterKey& next, const std::string& actor, Timestamp now,
                                   std::atomic<std::uint64_t>* sealed_count = nullptr);

}  // namespace kwikgate::auth
