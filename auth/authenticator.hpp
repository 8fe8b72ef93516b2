#pragma once

#include <string_view>

#include "auth/decision.hpp"
#include "auth/master_key.hpp"
#include "auth/principal.hpp"
#include "auth/request_view.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

/// What a request carries to prove who sent it, found before anything is checked.
struct CredentialKind {
    Decision decision;  ///< Refused when missing, ambiguous or repeated.
    Scheme scheme = Scheme::basic;
};

/// Looks at the header alone: exactly one credential per request. An `Authorization` field is Basic;
/// `Signature-Input` with `Signature` is a signature; none of them is `credential_missing`, which a
/// route with the public-key scheme answers by looking into the body.
CredentialKind find_credential(const RequestView& request);

/// Checks Basic credentials (RFC 7617) against the store. One per worker. **Cost**: one look-up, one
/// AES-GCM open a secret, one SHA-256 of the presented secret; no allocation. An unknown key takes
/// the same path over a decoy, so neither the answer nor the time tells which part was wrong.
class BasicAuthenticator {
  public:
    BasicAuthenticator(store::Reader& reader, Sealer& sealer) : reader_(reader), sealer_(sealer) {}

    /// On success fills `principal`. Refuses with `credential_malformed`, `credential_invalid` or
    /// `store_unavailable`.
    Decision authenticate(const RequestView& request, Timestamp now, Principal& principal);

  private:
    store::Reader& reader_;
    Sealer& sealer_;
};

}  // namespace kwikgate::auth
