#include <algorithm>

#include "auth/authenticator.hpp"
#include "auth/basic/basic_credentials.hpp"
#include "auth/decoy_record.hpp"
#include "auth/request_origin.hpp"
#include "auth/secret.hpp"

namespace kwikgate::auth {
namespace {

Decision refuse(Reason reason) {
    return Decision::refuse(reason, Phase::authenticate);
}

/// Also shuts out what only looks equal as an HMAC key: a secret and the same with NUL bytes behind
/// it, or a long secret and its raw SHA-256.
bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

enum class Match { no, yes, unopened };

/// Holds a presented secret against the secrets of one token.
class SecretCheck {
  public:
    SecretCheck(Sealer& sealer, const store::TokenView& token, std::string_view presented)
        : sealer_(sealer), token_(token), presented_(derive_hmac_key(presented)) {}

    Match against(const store::SecretRecord& secret) {
        HmacKey stored;
        if (!sealer_.open(secret.sealed_key, token_.id, stored)) return Match::unopened;
        return constant_time_equal(stored.expose(), presented_.expose()) ? Match::yes : Match::no;
    }

  private:
    Sealer& sealer_;
    const store::TokenView& token_;
    HmacKey presented_;
};

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

/// A refusal always takes two opens and comparisons, whether the token has one secret, two, or does
/// not exist. Only a right secret ends early, and that is visible anyway.
Reason BasicAuthenticator::check(const store::TokenView& token, std::string_view api_secret,
                                 Timestamp now, std::uint32_t& generation) {
    const bool is_possible = is_visible_ascii(api_secret);
    SecretCheck secrets(sealer_, token, api_secret);
    const Match current = secrets.against(token.secret);
    if (current == Match::yes && is_possible) {
        generation = token.secret.generation;
        return Reason::none;
    }
    const bool overlaps = token.previous_secret && token.previous_secret->valid_until &&
                          now < *token.previous_secret->valid_until;
    const store::SecretRecord& second = overlaps ? *token.previous_secret : token.secret;
    const Match previous = secrets.against(second);
    if (overlaps && previous == Match::yes && is_possible) {
        generation = second.generation;
        return Reason::none;
    }
    // A secret that does not open is our failure, and might have been the right one.
    const bool unopened = current == Match::unopened || previous == Match::unopened;
    return unopened ? Reason::store_unavailable : Reason::credential_invalid;
}

void BasicAuthenticator::check_decoy(std::string_view api_secret, Timestamp now) {
    const auto decoy = store::decode(decoy_record_);
    std::uint32_t generation = 0;
    if (decoy) static_cast<void>(check(*decoy, api_secret, now, generation));
}

}  // namespace kwikgate::auth
