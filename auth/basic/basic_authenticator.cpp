#include "auth/ascii.hpp"
#include "auth/authenticator.hpp"
#include "auth/basic/basic_credentials.hpp"
#include "auth/decoy_record.hpp"
#include "auth/request_origin.hpp"
#include "auth/secret.hpp"
#include "auth/secret_match.hpp"

namespace kwikgate::auth {
namespace {

Decision refuse(Reason reason) {
    return Decision::refuse(reason, Phase::authenticate);
}

}  // namespace

BasicAuthenticator::BasicAuthenticator(store::Reader& reader, Sealer& sealer)
    : reader_(reader), sealer_(sealer), decoy_record_(make_decoy_record(sealer)) {}

Decision BasicAuthenticator::authenticate(const RequestView& request, Timestamp now,
                                          Principal& principal) {
    const FieldLine* authorization = request.find(FieldName::authorization);
    if (authorization == nullptr) return refuse(Reason::credential_missing);
    SecretBytes<kMaxBasicBytes> buffer;
    const auto presented = parse_basic(authorization->value, buffer);
    if (!presented) return refuse(Reason::credential_malformed);

    auto snapshot = reader_.snapshot();
    if (!snapshot) return refuse(Reason::store_unavailable);
    // The store's keys are bounded; a longer or empty one is in no store.
    const bool may_exist =
        !presented->api_key.empty() && presented->api_key.size() <= store::kMaxCredentialBytes;
    std::optional<store::TokenView> token;
    if (may_exist) {
        auto found = snapshot->token_by_key(presented->api_key);
        if (!found) return refuse(Reason::store_unavailable);
        token = *found;
    }
    std::uint32_t generation = 0;
    if (!token) {
        check_decoy(presented->api_secret, now);
        return refuse(Reason::credential_invalid);
    }
    const Reason reason = check(*token, presented->api_secret, now, generation);
    if (reason != Reason::none) return refuse(reason);
    principal.assign(*token, request.client, request_origin(request));
    principal.scheme = Scheme::basic;
    principal.secret_generation = generation;
    return {};
}

Reason BasicAuthenticator::check(const store::TokenView& token, std::string_view api_secret,
                                 Timestamp now, std::uint32_t& generation) {
    // Also shuts out what only looks equal as an HMAC key: a secret and the same with NUL bytes
    // behind it, or a long secret and its raw SHA-256.
    const bool is_possible = is_visible_ascii(api_secret);
    const HmacKey presented = derive_hmac_key(api_secret);
    return match_secret(token, now, generation, [&](const store::SecretRecord& secret) {
        HmacKey stored;
        if (!sealer_.open(secret.sealed_key, token.id, stored)) return Match::unopened;
        const bool is_equal = constant_time_equal(stored.expose(), presented.expose());
        return is_equal && is_possible ? Match::yes : Match::no;
    });
}

void BasicAuthenticator::check_decoy(std::string_view api_secret, Timestamp now) {
    const auto decoy = store::decode(decoy_record_);
    std::uint32_t generation = 0;
    if (decoy) static_cast<void>(check(*decoy, api_secret, now, generation));
}

}  // namespace kwikgate::auth
