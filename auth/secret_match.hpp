#pragma once

#include <cstdint>

#include "auth/decision.hpp"
#include "store/token_record.hpp"

namespace kwikgate::auth {

/// What came of one secret that was held against a credential.
enum class Match : std::uint8_t { no, yes, unopened };

/// Holds a credential against the secret of `token` and, while it still counts, the one before:
/// `attempt(secret)` says whether it fits. On success `generation` is that of the secret. A refusal
/// always takes two attempts, whether the token has one secret, two, or does not exist and is a
/// decoy. Only a right credential ends early, and that is visible anyway.
template <class Attempt>
Reason match_secret(const store::TokenView& token, Timestamp now, std::uint32_t& generation,
                    Attempt&& attempt) {
    const Match current = attempt(token.secret);
    if (current == Match::yes) {
        generation = token.secret.generation;
        return Reason::none;
    }
    const bool overlaps = token.previous_secret && token.previous_secret->valid_until &&
                          now < *token.previous_secret->valid_until;
    const store::SecretRecord& second = overlaps ? *token.previous_secret : token.secret;
    const Match previous = attempt(second);
    if (overlaps && previous == Match::yes) {
        generation = second.generation;
        return Reason::none;
    }
    // A secret that does not open is our failure, and might have been the right one.
    const bool unopened = current == Match::unopened || previous == Match::unopened;
    return unopened ? Reason::store_unavailable : Reason::credential_invalid;
}

}  // namespace kwikgate::auth
