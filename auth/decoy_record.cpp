#include "auth/decoy_record.hpp"

#include <openssl/rand.h>

#include <stdexcept>

#include "auth/credential.hpp"

namespace kwikgate::auth {
namespace {

// The shape of an id, but outside the alphabet of real ones.
constexpr std::string_view kDecoyId = "tok_----------------------";
static_assert(kDecoyId.size() == store::kTokenIdBytes);

template <class T>
T require(Result<T> result) {
    if (!result) throw std::runtime_error("no decoy token: " + result.error().message());
    return std::move(*result);
}

store::SecretRecord unknown_secret(Sealer& sealer, std::uint32_t generation) {
    HmacKey key;
    const auto bytes = key.expose_mutable();
    if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("no decoy token: the random generator failed");
    store::SecretRecord secret;
    secret.sealed_key = require(sealer.seal(key, kDecoyId));
    secret.generation = generation;
    return secret;
}

}  // namespace

std::vector<std::byte> make_decoy_record(Sealer& sealer) {
    store::TokenRecord record;
    record.id = kDecoyId;
    record.name = "decoy";
    record.api_key = require(generate_api_key(Environment::live));
    record.status = TokenStatus::disabled;
    record.secret = unknown_secret(sealer, 2);
    record.previous_secret = unknown_secret(sealer, 1);
    // Never over: a decoy has to take as long on the last day of the year as on the first.
    record.previous_secret->valid_until = Timestamp::max();
    return require(store::encode(record));
}

}  // namespace kwikgate::auth
