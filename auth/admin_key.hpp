#pragma once

#include <span>
#include <string_view>

#include "auth/secret.hpp"
#include "auth/service_error.hpp"
#include "auth/token_service.hpp"
#include "store/store.hpp"

/// Keys of the admin API and the console: `kwk_admin_` and 43 base62 characters, 256 random bits.
/// Only the SHA-256 is stored; no slow hash is needed for a key that cannot be guessed.
namespace kwikgate::auth {

/// A new key, shown once.
struct IssuedAdminKey {
    store::AdminKeyRecord record;
    SecretString key;
};

/// `role` is "viewer" or "admin". One transaction with its audit entry (`admin_key.create`).
/// **Errors**: `invalid_name`, `invalid_actor`, store::Errc::invalid_argument for another role.
ServiceResult<IssuedAdminKey> create_admin_key(store::Store& store, std::string_view name,
                                               std::string_view role, std::string_view actor,
                                               const TokenService::Clock& clock);

/// **Errors**: not_found.
ServiceResult<store::AdminKeyRecord> read_admin_key(store::Store& store, std::string_view id);

/// Removes a key; it stops working at once. Audited (`admin_key.delete`). **Errors**: not_found.
ServiceResult<void> erase_admin_key(store::Store& store, std::string_view id,
                                    std::string_view actor, const TokenService::Clock& clock);

/// The record whose key was presented, or nullptr. Looks at every record, and at each without a
/// branch on its bytes.
const store::AdminKeyRecord* find_admin_key(std::span<const store::AdminKeyRecord> records,
                                            std::string_view presented);

}  // namespace kwikgate::auth
