#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/decision.hpp"
#include "auth/master_key.hpp"
#include "auth/principal.hpp"
#include "auth/request_view.hpp"
#include "auth/signature/signature_fault.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

/// What a request carries to prove who sent it, found before anything is checked.
struct CredentialKind {
    Decision decision;  ///< Refused when missing, ambiguous or repeated.
    Scheme scheme = Scheme::basic;
    /// Of a refused request that carries a signature, or half of one.
    SignatureFault fault = SignatureFault::none;
};

/// Looks at the header alone: exactly one credential per request. An `Authorization` field is
/// Basic; `Signature-Input` with `Signature` is a signature; none of them is `credential_missing`,
/// which a route with the public-key scheme answers by looking into the body. Both kinds are
/// `credential_ambiguous`, a repeated line of one of the three is `duplicate_field`, another
/// scheme than Basic or half a signature is `credential_malformed`.
CredentialKind find_credential(const RequestView& request);

/// Checks Basic credentials (RFC 7617) against the store. One per worker. **Cost**: one look-up,
/// one AES-GCM open a secret tried, one SHA-256 of the presented secret; no allocation. An unknown
/// key takes the same path over a decoy, so neither the answer nor the time tells which part was
/// wrong.
class BasicAuthenticator {
  public:
    /// `reader` and `sealer` must outlive it. Throws std::runtime_error when no decoy can be made.
    BasicAuthenticator(store::Reader& reader, Sealer& sealer);

    /// On success fills `principal`. Refuses with `credential_malformed`, `credential_invalid` or
    /// `store_unavailable`.
    Decision authenticate(const RequestView& request, Timestamp now, Principal& principal);

  private:
    Reason check(const store::TokenView& token, std::string_view api_secret, Timestamp now,
                 std::uint32_t& generation);
    void check_decoy(std::string_view api_secret, Timestamp now);

    store::Reader& reader_;
    Sealer& sealer_;
    std::vector<std::byte> decoy_record_;
};

}  // namespace kwikgate::auth
