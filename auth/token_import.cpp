#include "auth/credential.hpp"
#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "auth/token_settings.hpp"

namespace kwikgate::auth {
namespace {

ServiceError at_item(std::size_t index, const ServiceError& error) {
    return {error.code, "Item " + std::to_string(index + 1) + ": " + error.detail};
}

ServiceError invalid_import(std::string detail) {
    return {Errc::invalid_import, std::move(detail)};
}

}  // namespace

/// The record of an export, kept as it is, when its secrets open under this master key.
ServiceResult<IssuedToken> TokenService::adopt_sealed(const store::TokenRecord& sealed) {
    HmacKey key;
    const bool opens = sealer_.open(sealed.secret.sealed_key, sealed.id, key) &&
                       (!sealed.previous_secret ||
                        sealer_.open(sealed.previous_secret->sealed_key, sealed.id, key));
    if (!opens)
        return invalid_import("The sealed secret is not of this token and this master key.");
    if (!is_importable_key(sealed.api_key) ||
        (!sealed.public_key.empty() && !is_importable_key(sealed.public_key)))
        return service_error(Errc::invalid_credential);
    if (sealed.id.size() != store::kTokenIdBytes ||
        !sealed.id.starts_with(TokenIdGenerator::kPrefix))
        return invalid_import("The id is not one of a token.");
    IssuedToken issued;
    issued.record = sealed;
    issued.record.version = 1;
    issued.record.imported_at = clock_();
    // Section numbers belong to the store that gave them; the slugs of the item name them here.
    issued.record.readable = SectionSet{};
    issued.record.writable = SectionSet{};
    return issued;
}

/// Credentials made elsewhere, with an id of ours.
ServiceResult<IssuedToken> TokenService::adopt_credentials(ImportedCredentials& credentials,
                                                           Environment environment,
                                                           Timestamp created_at) {
    if (!is_importable_key(credentials.api_key) ||
        !is_importable_secret(credentials.api_secret.expose()) ||
        (!credentials.public_key.empty() && !is_importable_key(credentials.public_key)))
        return service_error(Errc::invalid_credential);
    auto id = ids_.next(created_at);
    if (!id) return service_error(id.error());
    const auto secret = seal_secret(credentials.api_secret.expose(), *id, created_at);
    if (!secret) return secret.error();
    IssuedToken issued;
    issued.record.id = std::move(*id);
    issued.record.api_key = credentials.api_key;
    issued.record.public_key = credentials.public_key;
    issued.record.environment = environment;
    issued.record.created_at = created_at;
    issued.record.secret = *secret;
    issued.record.imported_at = clock_();
    issued.api_secret = std::move(credentials.api_secret);
    return issued;
}

ServiceResult<IssuedToken> TokenService::prepare_item(ImportItem& item,
                                                      const SectionCatalogue& catalogue,
                                                      Timestamp now) {
    if (item.credentials && item.sealed)
        return invalid_import("It has both credentials and a sealed secret.");
    if (item.created_at && *item.created_at > now)
        return invalid_import("The time of creation lies in the future.");
    const Timestamp created_at = item.created_at.value_or(now);
    const Environment environment = item.spec.environment.value_or(Environment::live);
    auto issued = item.sealed        ? adopt_sealed(*item.sealed)
                  : item.credentials ? adopt_credentials(*item.credentials, environment, created_at)
                                     : issue(environment, created_at);
    if (!issued) return issued;
    store::TokenRecord& record = issued->record;
    if (item.sealed && item.spec.environment && *item.spec.environment != record.environment)
        return invalid_import("The environment is not that of the sealed token.");
    TokenSpec spec = item.spec;
    if (item.sealed && !spec.read_write) {
        // Sections that may be read only beside others that may be written: never made by us, and
        // one word cannot say it. It becomes the lesser of the two.
        spec.read_write =
            !item.sealed->writable.empty() && item.sealed->writable == item.sealed->readable;
    }
    auto applied = apply_settings(spec, catalogue, now, PastExpiry::kept, record);
    if (!applied) return applied.error();
    if (item.created_at) record.created_at = *item.created_at;
    record.updated_at = now;
    return issued;
}

ServiceResult<std::vector<IssuedToken>> TokenService::import(std::vector<ImportItem> items) {
    auto tokens = prepare_import(std::move(items));
    if (!tokens) return tokens;
    if (auto written = write_import(*tokens); !written) return written.error();
    return tokens;
}

ServiceResult<std::vector<IssuedToken>> TokenService::prepare_import(
    std::vector<ImportItem> items) {
    if (auto checked = check_actor(); !checked) return checked.error();
    const auto catalogue = SectionCatalogue::load(store_);
    if (!catalogue) return catalogue.error();
    const Timestamp now = clock_();
    std::vector<IssuedToken> tokens;
    tokens.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto prepared = prepare_item(items[i], *catalogue, now);
        if (!prepared) return at_item(i, prepared.error());
        tokens.push_back(std::move(*prepared));
    }
    return tokens;
}

ServiceResult<void> TokenService::write_import(std::vector<IssuedToken>& tokens,
                                               const std::function<void(std::size_t)>& told) {
    const auto catalogue = SectionCatalogue::load(store_);
    if (!catalogue) return catalogue.error();
    std::size_t index = 0;
    const auto written = store_.write([&](store::Write& write) -> store::Result<void> {
        // Here, where no other writer is waited for any more: what was signed while the import was
        // prepared came before it.
        const Timestamp now = clock_();
        for (index = 0; index < tokens.size(); ++index) {
            store::TokenRecord& record = tokens[index].record;
            if (record.imported_at) record.imported_at = now;
            if (auto inserted = write.insert_token(record); !inserted) return inserted;
            auto logged = write.append_audit(
                {0, now, actor_, "token.import", record.id, "", settings_json(record, *catalogue)});
            if (!logged) return logged;
            if (told) told(index + 1);
        }
        return {};
    });
    if (written) return {};
    ServiceError error = service_error(written.error());
    if (error.code == store::Errc::already_exists)
        error.detail = "Another token has this id, api_key or public_key.";
    return index < tokens.size() ? at_item(index, error) : error;
}

}  // namespace kwikgate::auth
