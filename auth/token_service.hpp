#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/error.hpp"
#include "auth/master_key.hpp"
#include "auth/secret.hpp"
#include "auth/service_error.hpp"
#include "auth/token_id.hpp"
#include "auth/vocabulary.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

class SectionCatalogue;

/// What a caller may set on a token; used to create and, with only the set fields, to update.
struct TokenSpec {
    std::optional<std::string> name;
    std::optional<std::vector<std::string>> sections;  ///< Slugs.
    std::optional<bool> read_write;
    std::optional<TokenStatus> status;
    std::optional<Environment> environment;  ///< Only at creation: it is part of the credentials.
    std::optional<std::string> account;
    std::optional<std::optional<Timestamp>> expires_at;   ///< Inner empty: never.
    std::optional<std::vector<std::string>> allowed_ips;  ///< Addresses or CIDR, text.
    std::optional<std::vector<std::string>> allowed_origins;
    std::optional<std::optional<store::RateLimit>> rate;
    std::optional<std::uint32_t> max_concurrent;  ///< 0: no cap.
    std::optional<bool> require_signature;
    std::optional<bool> require_form_signature;
    std::optional<bool> debug;
};

/// A new token or secret, shown once.
struct IssuedToken {
    store::TokenRecord record;
    SecretString api_secret;
};

/// Credentials brought along from elsewhere; opaque, 8-255 visible ASCII characters.
struct ImportedCredentials {
    std::string api_key;
    SecretString api_secret;
    std::string public_key;  ///< May be empty.
};

/// A token to import: settings plus either credentials in the open or a sealed secret from an
/// export.
struct ImportItem {
    TokenSpec spec;
    std::optional<ImportedCredentials> credentials;  ///< None: new ones are made.
    std::optional<store::TokenRecord> sealed;  ///< From `export --sealed` of the same master key.
    std::optional<Timestamp> created_at;
};

/// Everything that changes a token: the only implementation, used by CLI, admin API and console.
/// Each change is one transaction with its audit entry, synced before the call returns.
/// **Threads**: one caller at a time.
class TokenService {
  public:
    using Clock = std::function<Timestamp()>;

    TokenService(store::Store& store, const MasterKey& master_key, std::string actor, Clock clock);

    ServiceResult<IssuedToken> create(const TokenSpec& spec);
    /// `expected_version` set: refuses with store::Errc::version_conflict when it changed
    /// meanwhile.
    ServiceResult<store::TokenRecord> update(std::string_view id, const TokenSpec& spec,
                                             std::optional<std::uint64_t> expected_version = {});
    ServiceResult<store::TokenRecord> set_status(std::string_view id, TokenStatus status);
    /// A new secret; the old one works until `now + overlap` (zero: not at all).
    ServiceResult<IssuedToken> rotate(std::string_view id, std::chrono::seconds overlap);
    /// The same in two steps, for whoever hands the secret over before it counts: the first writes
    /// nothing.
    ServiceResult<IssuedToken> prepare_rotation(std::string_view id, std::chrono::seconds overlap);
    ServiceResult<void> write_rotation(IssuedToken& rotated);
    ServiceResult<void> erase(std::string_view id);
    /// All of `items` in one transaction, or none. Returns what was made, in order.
    ServiceResult<std::vector<IssuedToken>> import(std::vector<ImportItem> items);
    /// The same in two steps, for whoever hands the secrets over before they count: the first
    /// writes nothing. `told` hears how many are written, the last time before they are committed.
    ServiceResult<std::vector<IssuedToken>> prepare_import(std::vector<ImportItem> items);
    ServiceResult<void> write_import(std::vector<IssuedToken>& tokens,
                                     const std::function<void(std::size_t)>& told = {});

    /// By id, or by whole api_key. **Errors**: not_found.
    ServiceResult<store::TokenRecord> find(std::string_view id_or_key);
    ServiceResult<std::vector<store::TokenRecord>> list();

  private:
    using Edit = std::function<ServiceResult<void>(store::TokenRecord&)>;

    /// Runs `edit` on the stored record and writes what came out with its audit entry, in one
    /// transaction. A record that did not change is not written. `action` empty: found from what
    /// changed.
    ServiceResult<store::TokenRecord> change(std::string_view id, std::string_view action,
                                             std::optional<std::uint64_t> expected_version,
                                             const SectionCatalogue& catalogue, const Edit& edit);
    ServiceResult<void> check_actor() const;
    /// A record with identity, credentials and secret, and no settings yet.
    ServiceResult<IssuedToken> issue(Environment environment, Timestamp created_at);
    ServiceResult<store::SecretRecord> seal_secret(std::string_view api_secret, std::string_view id,
                                                   Timestamp created_at);
    ServiceResult<IssuedToken> prepare_item(ImportItem& item, const SectionCatalogue& catalogue,
                                            Timestamp now);
    ServiceResult<IssuedToken> adopt_sealed(const store::TokenRecord& sealed);
    ServiceResult<IssuedToken> adopt_credentials(ImportedCredentials& credentials,
                                                 Environment environment, Timestamp created_at);

    store::Store& store_;
    Sealer sealer_;
    std::string actor_;
    Clock clock_;
    TokenIdGenerator ids_;
};

/// Registers the ten seed sections of the Kwik catalogue and `extra` in the store.
ServiceResult<void> register_sections(store::Store& store, const std::vector<std::string>& extra);
/// The same in a transaction that changes more. Returns these sections with their numbers.
store::Result<SectionCatalogue> register_sections(store::Write& write,
                                                  const std::vector<std::string>& extra);
/// The catalogue as `register_sections` would leave it, without writing: what the store lacks has
/// numbers that it may get. **Errors**: `invalid_section`, `too_many_sections`.
ServiceResult<SectionCatalogue> plan_sections(store::Store& store,
                                              const std::vector<std::string>& extra);
/// Whether `register_sections` would have room for what the store lacks, without writing.
/// **Errors**: `too_many_sections`, with how many there are.
ServiceResult<void> check_room_for_sections(store::Store& store,
                                            const std::vector<std::string>& extra);

/// Stores the check value of a new store's master key, or compares it.
/// **Errors**: store::Errc::wrong_master_key.
ServiceResult<void> bind_master_key(store::Store& store, const MasterKey& key);

}  // namespace kwikgate::auth
