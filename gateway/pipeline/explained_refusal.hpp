#pragma once

#include <string_view>

#include "auth/signature/signature_fault.hpp"
#include "auth/signature/signature_trial.hpp"
#include "gateway/pipeline/explained_phases.hpp"

namespace kwikgate::gateway {

/// Fills cause, detail and advice of a refusal that no signature is the cause of.
void tell_refusal(const JudgedRequest& judged, std::string_view raw, Explanation& out);

/// What is wrong where signature and signature base do not fit: the key, the message, or, when that
/// is all that is left, the secret. `client_base` may be empty. Fills `out.detail`.
auth::SignatureFault tell_difference(const auth::SignatureTrial& trial,
                                     std::string_view client_base, Explanation& out);

}  // namespace kwikgate::gateway
