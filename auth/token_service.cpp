#include "auth/token_service.hpp"

#include "auth/actor.hpp"
#include "auth/ascii.hpp"
#include "auth/credential.hpp"
#include "auth/section_catalogue.hpp"
#include "auth/token_settings.hpp"

namespace kwikgate::auth {
namespace {

using store::TokenRecord;
using store::Write;

constexpr std::chrono::seconds kMaxOverlap = std::chrono::hours{24 * 365 * 10};

/// What was asked for is repeated only when it has the shape of an id: it may be a secret pasted
/// into the wrong place.
ServiceError no_such_token(std::string_view id) {
    const bool is_id = id.starts_with(TokenIdGenerator::kPrefix) &&
                       id.size() == store::kTokenIdBytes && is_visible_ascii(id);
    return {store::Errc::not_found,
            is_id ? "There is no token " + std::string(id) + "." : "There is no such token."};
}

/// A change of nothing but the status has a name of its own.
std::string_view action_of(const TokenRecord& before, const TokenRecord& after) {
    TokenRecord switched = before;
    switched.status = after.status;
    switched.version = after.version;
    switched.updated_at = after.updated_at;
    if (switched != after) return "token.update";
    return after.status == TokenStatus::live ? "token.enable" : "token.disable";
}

/// `fresh` in place of the present secret, which works until `old_until` (none: no longer).
void put_secret(TokenRecord& record, const store::SecretRecord& fresh,
                std::optional<Timestamp> old_until) {
    store::SecretRecord old = record.secret;
    record.secret = fresh;
    record.secret.generation = old.generation + 1;
    record.previous_secret.reset();
    if (!old_until) return;
    old.valid_until = old_until;
    record.previous_secret = old;
}

}  // namespace

TokenService::TokenService(store::Store& store, const MasterKey& master_key, std::string actor,
                           Clock clock)
    : store_(store), sealer_(master_key), actor_(std::move(actor)), clock_(std::move(clock)) {}

ServiceResult<void> TokenService::check_actor() const {
    if (!is_valid_actor(actor_)) return service_error(Errc::invalid_actor);
    return {};
}

ServiceResult<store::SecretRecord> TokenService::seal_secret(std::string_view api_secret,
                                                             std::string_view id,
                                                             Timestamp created_at) {
    const auto sealed = sealer_.seal(derive_hmac_key(api_secret), id);
    if (!sealed) return service_error(sealed.error());
    store::SecretRecord secret;
    secret.sealed_key = *sealed;
    secret.created_at = created_at;
    return secret;
}

ServiceResult<IssuedToken> TokenService::issue(Environment environment, Timestamp created_at) {
    auto id = ids_.next(created_at);
    auto api_key = generate_api_key(environment);
    auto api_secret = generate_api_secret(environment);
    auto public_key = generate_public_key(environment);
    if (!id || !api_key || !api_secret || !public_key) return service_error(Errc::crypto_failure);
    const auto secret = seal_secret(api_secret->expose(), *id, created_at);
    if (!secret) return secret.error();
    IssuedToken issued;
    issued.record.id = std::move(*id);
    issued.record.api_key = std::move(*api_key);
    issued.record.public_key = std::move(*public_key);
    issued.record.environment = environment;
    issued.record.created_at = created_at;
    issued.record.updated_at = created_at;
    issued.record.secret = *secret;
    issued.api_secret = std::move(*api_secret);
    return issued;
}

ServiceResult<IssuedToken> TokenService::create(const TokenSpec& spec) {
    if (auto checked = check_actor(); !checked) return checked.error();
    const auto catalogue = SectionCatalogue::load(store_);
    if (!catalogue) return catalogue.error();
    const Timestamp now = clock_();
    auto issued = issue(spec.environment.value_or(Environment::live), now);
    if (!issued) return issued;
    TokenRecord& record = issued->record;
    auto applied = apply_settings(spec, *catalogue, now, PastExpiry::refused, record);
    if (!applied) return applied.error();
    const std::string after = settings_json(record, *catalogue);
    const auto written = store_.write([&](Write& write) -> store::Result<void> {
        if (auto inserted = write.insert_token(record); !inserted) return inserted;
        return write.append_audit({0, now, actor_, "token.create", record.id, "", after});
    });
    if (!written) return service_error(written.error());
    return issued;
}

ServiceResult<TokenRecord> TokenService::change(std::string_view id, std::string_view action,
                                                std::optional<std::uint64_t> expected_version,
                                                const SectionCatalogue& catalogue,
                                                const Edit& edit) {
    if (auto checked = check_actor(); !checked) return checked.error();
    const Timestamp now = clock_();
    TokenRecord result;
    std::optional<ServiceError> refusal;
    // May run twice, so that it starts from the stored record each time.
    const auto written = store_.write([&](Write& write) -> store::Result<void> {
        const auto refuse = [&](ServiceError error) -> store::Result<void> {
            refusal = std::move(error);
            return refusal->code;
        };
        refusal.reset();
        auto found = write.token_by_id(id);
        if (!found) return found.error();
        if (!*found) return refuse(no_such_token(id));
        const TokenRecord& before = **found;
        if (expected_version && before.version != *expected_version)
            return refuse(
                {store::Errc::version_conflict, "The token changed meanwhile: it has version " +
                                                    std::to_string(before.version) + " now."});
        result = before;
        if (auto edited = edit(result); !edited) return refuse(edited.error());
        if (result == before) return {};
        result.version = before.version + 1;
        result.updated_at = now;
        if (auto updated = write.update_token(result); !updated) return updated;
        return write.append_audit(
            {0, now, actor_, std::string(action.empty() ? action_of(before, result) : action),
             result.id, settings_json(before, catalogue), settings_json(result, catalogue)});
    });
    if (refusal) return *refusal;
    if (!written) return service_error(written.error());
    return result;
}

ServiceResult<TokenRecord> TokenService::update(std::string_view id, const TokenSpec& spec,
                                                std::optional<std::uint64_t> expected_version) {
    const auto catalogue = SectionCatalogue::load(store_);
    if (!catalogue) return catalogue.error();
    const Timestamp now = clock_();
    return change(id, {}, expected_version, *catalogue,
                  [&](TokenRecord& record) -> ServiceResult<void> {
                      if (spec.environment && *spec.environment != record.environment)
                          return ServiceError{Errc::invalid_credential,
                                              "The environment is part of the credentials and "
                                              "cannot change; create another token."};
                      return apply_settings(spec, *catalogue, now, PastExpiry::refused, record);
                  });
}

ServiceResult<TokenRecord> TokenService::set_status(std::string_view id, TokenStatus status) {
    const auto catalogue = SectionCatalogue::load(store_);
    if (!catalogue) return catalogue.error();
    return change(id, {}, {}, *catalogue, [&](TokenRecord& record) -> ServiceResult<void> {
        record.status = status;
        return {};
    });
}

ServiceResult<IssuedToken> TokenService::rotate(std::string_view id, std::chrono::seconds overlap) {
    auto rotated = prepare_rotation(id, overlap);
    if (!rotated) return rotated;
    if (auto written = write_rotation(*rotated); !written) return written.error();
    return rotated;
}

ServiceResult<IssuedToken> TokenService::prepare_rotation(std::string_view id,
                                                          std::chrono::seconds overlap) {
    if (auto checked = check_actor(); !checked) return checked.error();
    if (overlap < std::chrono::seconds{0} || overlap > kMaxOverlap)
        return ServiceError{Errc::invalid_expiry,
                            "The old secret may live on for 0 seconds to 10 years."};
    auto current = find(id);
    if (!current) return current.error();
    if (current->id != id) return no_such_token(id);
    const Timestamp now = clock_();
    auto api_secret = generate_api_secret(current->environment);
    if (!api_secret) return service_error(api_secret.error());
    auto fresh = seal_secret(api_secret->expose(), id, now);
    if (!fresh) return fresh.error();
    IssuedToken rotated{std::move(*current), std::move(*api_secret)};
    put_secret(rotated.record, *fresh,
               overlap > std::chrono::seconds{0} ? std::optional(now + overlap) : std::nullopt);
    return rotated;
}

ServiceResult<void> TokenService::write_rotation(IssuedToken& rotated) {
    const auto catalogue = SectionCatalogue::load(store_);
    if (!catalogue) return catalogue.error();
    const TokenRecord& wanted = rotated.record;
    auto written = change(
        wanted.id, "token.rotate", {}, *catalogue, [&](TokenRecord& next) -> ServiceResult<void> {
            put_secret(next, wanted.secret,
                       wanted.previous_secret ? wanted.previous_secret->valid_until : std::nullopt);
            return {};
        });
    if (!written) return written.error();
    rotated.record = std::move(*written);
    return {};
}

ServiceResult<void> TokenService::erase(std::string_view id) {
    if (auto checked = check_actor(); !checked) return checked;
    const auto catalogue = SectionCatalogue::load(store_);
    if (!catalogue) return catalogue.error();
    const Timestamp now = clock_();
    bool missing = false;
    const auto written = store_.write([&](Write& write) -> store::Result<void> {
        missing = false;
        auto found = write.token_by_id(id);
        if (!found) return found.error();
        missing = !*found;
        if (missing) return store::Errc::not_found;
        const std::string before = settings_json(**found, *catalogue);
        if (auto erased = write.erase_token(id); !erased) return erased;
        return write.append_audit({0, now, actor_, "token.delete", std::string(id), before, ""});
    });
    if (missing) return no_such_token(id);
    if (!written) return service_error(written.error());
    return {};
}

}  // namespace kwikgate::auth
