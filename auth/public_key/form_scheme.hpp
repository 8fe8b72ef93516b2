#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/decision.hpp"
#include "auth/master_key.hpp"
#include "auth/principal.hpp"
#include "auth/request_view.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

/// What else was seen in a form; for the log and the counters.
struct FormFinding {
    bool is_signed = false;  ///< A `signature` field was present and right.
    bool secret_exposed =
        false;  ///< An API_SECRET stood where the PUBLIC_KEY belongs. Never log it.
};

/// Identifies the token by the `public_key` field of a browser's form (urlencoded, or a flat JSON
/// object) and checks the optional `signature` field. Only for routes that say so. One per worker.
/// **Threads**: one. **Cost**: one pass over the body, one look-up, where a signature is present
/// one or two HMACs over the body; no allocation. At most 128 fields.
class FormAuthenticator {
  public:
    /// `reader` and `sealer` must outlive it. Throws std::runtime_error when no decoy can be made.
    FormAuthenticator(store::Reader& reader, Sealer& sealer);

    /// `body` is the whole body. Refuses with `content_type_unsupported`, `body_invalid` (not a
    /// form, not a flat JSON object, too many fields), `duplicate_field`, `credential_missing` (no
    /// public_key), `credential_malformed`, `credential_invalid` (unknown key, wrong signature, a
    /// secret in its place), `signature_uncovered` (the token requires a signature and there is
    /// none), `store_unavailable`. On success fills `principal`; `allowed_origins` is evaluated
    /// into it from the request's Origin and judged by `authorize`.
    Decision authenticate(const RequestView& request, std::string_view body, Timestamp now,
                          Principal& principal, FormFinding& finding);

  private:
    struct Form;

    Reason judge(const Form& form, const RequestView& request, Timestamp now, Principal& principal,
                 FormFinding& finding);
    Reason verify(const store::TokenView& token, const Form& form, Timestamp now,
                  std::uint32_t& generation);

    store::Reader& reader_;
    Sealer& sealer_;
    std::vector<std::byte> decoy_record_;
};

}  // namespace kwikgate::auth
