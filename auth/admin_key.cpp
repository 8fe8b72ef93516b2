#include "auth/admin_key.hpp"

#include <openssl/sha.h>

#include "auth/actor.hpp"
#include "auth/base62.hpp"
#include "auth/error.hpp"
#include "auth/json_text.hpp"
#include "auth/token_settings.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::string_view kKeyPrefix = "kwk_admin_";
constexpr std::size_t kKeyDigits = 43;
constexpr std::string_view kIdPrefix = "adm_";
constexpr std::size_t kIdDigits = 22;

using Digest = std::array<std::uint8_t, SHA256_DIGEST_LENGTH>;

Digest digest_of(std::string_view key) {
    Digest digest{};
    SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
    return digest;
}

Result<std::string> random_text(std::string_view prefix, std::size_t digits) {
    std::string text(prefix.size() + digits, '0');
    prefix.copy(text.data(), prefix.size());
    if (!put_random_base62({text.data() + prefix.size(), digits})) return Errc::crypto_failure;
    return text;
}

ServiceError no_such_key() {
    return {store::Errc::not_found, "There is no such admin key."};
}

std::string describe(const store::AdminKeyRecord& record) {
    return JsonObject()
        .text("id", record.id)
        .text("name", record.name)
        .text("role", record.role)
        .to_string();
}

}  // namespace

ServiceResult<IssuedAdminKey> create_admin_key(store::Store& store, std::string_view name,
                                               std::string_view role, std::string_view actor,
                                               const TokenService::Clock& clock) {
    if (!is_valid_actor(actor)) return service_error(Errc::invalid_actor);
    if (!is_valid_name(name)) return service_error(Errc::invalid_name);
    if (role != "viewer" && role != "admin")
        return ServiceError{store::Errc::invalid_argument, "The role is viewer or admin."};
    auto id = random_text(kIdPrefix, kIdDigits);
    auto key = random_text(kKeyPrefix, kKeyDigits);
    if (!id || !key) return service_error(Errc::crypto_failure);
    IssuedAdminKey issued;
    issued.key = SecretString(std::move(*key));
    issued.record.id = std::move(*id);
    issued.record.name = name;
    issued.record.role = role;
    issued.record.key_sha256 = digest_of(issued.key.expose());
    issued.record.created_at = clock();
    const auto written = store.write([&](store::Write& write) -> store::Result<void> {
        if (auto put = write.put_admin_key(issued.record); !put) return put;
        return write.append_audit({0, issued.record.created_at, std::string(actor),
                                   "admin_key.create", "", "", describe(issued.record)});
    });
    if (!written) return service_error(written.error());
    return issued;
}

ServiceResult<store::AdminKeyRecord> read_admin_key(store::Store& store, std::string_view id) {
    auto reader = store.reader();
    if (!reader) return service_error(reader.error());
    auto snapshot = reader->snapshot();
    if (!snapshot) return service_error(snapshot.error());
    auto keys = snapshot->admin_keys();
    if (!keys) return service_error(keys.error());
    for (store::AdminKeyRecord& key : *keys)
        if (key.id == id) return std::move(key);
    return no_such_key();
}

ServiceResult<void> erase_admin_key(store::Store& store, std::string_view id,
                                    std::string_view actor, const TokenService::Clock& clock) {
    if (!is_valid_actor(actor)) return service_error(Errc::invalid_actor);
    const auto record = read_admin_key(store, id);
    if (!record) return record.error();
    const auto written = store.write([&](store::Write& write) -> store::Result<void> {
        if (auto erased = write.erase_admin_key(id); !erased) return erased;
        return write.append_audit(
            {0, clock(), std::string(actor), "admin_key.delete", "", describe(*record), ""});
    });
    if (!written)
        return written.error() == store::Errc::not_found ? no_such_key()
                                                         : service_error(written.error());
    return {};
}

const store::AdminKeyRecord* find_admin_key(std::span<const store::AdminKeyRecord> records,
                                            std::string_view presented) {
    const Digest digest = digest_of(presented);
    const store::AdminKeyRecord* found = nullptr;
    for (const store::AdminKeyRecord& record : records)
        if (constant_time_equal(record.key_sha256, digest)) found = &record;
    return found;
}

}  // namespace kwikgate::auth
