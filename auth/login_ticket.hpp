#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/master_key.hpp"
#include "auth/secret.hpp"
#include "auth/service_error.hpp"
#include "auth/token_service.hpp"
#include "store/store.hpp"

/// Tickets of login links: each opens one console session for the holder of an admin key, without
/// that key being typed or shown. A ticket proves itself by a MAC under the master key; nothing of
/// it is stored.
namespace kwikgate::auth {

inline constexpr std::chrono::minutes kLoginTicketLife{5};

/// What a genuine ticket says. Whether it is too old or was used is for who takes it.
struct LoginTicket {
    std::string key_id;  ///< Of the admin key.
    std::string nonce;
    store::Timestamp issued_at{};
};

/// A new ticket, audited (`admin_key.login_link`). **Errors**: `invalid_actor`, not_found.
ServiceResult<SecretString> issue_login_ticket(store::Store& store, const MasterKey& key,
                                               std::string_view key_id, std::string_view actor,
                                               const TokenService::Clock& clock);

/// Empty for anything that was not issued under this master key.
std::optional<LoginTicket> open_login_ticket(const MasterKey& key, std::string_view text);

}  // namespace kwikgate::auth
