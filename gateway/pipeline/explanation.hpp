#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/master_key.hpp"
#include "gateway/pipeline/runtime.hpp"

/// Why a saved request is let in or refused, for whoever runs the gateway: more than its client may
/// be told. The verdict is the pipeline's own; here it is only put into words.
namespace kwikgate::gateway {

struct SavedRequest {
    std::string_view raw;  ///< Head and body as they were on the wire.
    const ListenerConfig* listener = nullptr;
    auth::IpAddress peer;
    auth::Timestamp at{};  ///< The time it is judged at.
    /// Of a body that is not in `raw`: its digest, known not to be the one that was signed.
    std::string_view wrong_body_digest = {};
    /// The signature base that the client computed; empty: not known.
    std::string_view client_base = {};
};

enum class PhaseOutcome : std::uint8_t {
    passed,
    refused,
    not_reached,
    unknown,  ///< Depends on what else a running gateway has seen.
};
std::string_view to_token(PhaseOutcome outcome);

struct ExplainedPhase {
    auth::Phase phase = auth::Phase::framing;
    PhaseOutcome outcome = PhaseOutcome::not_reached;
    std::string detail;  ///< May be empty.
};

struct Explanation {
    std::string request;  ///< Its first line, up to 1,024 bytes.
    std::vector<ExplainedPhase> phases;
    std::string signature_base;  ///< As computed here, or why there is none. Empty: no signature.
    auth::Decision decision;
    std::string cause;     ///< Why it is refused, in one word finer than the reason. May be empty.
    std::string detail;    ///< The same in a sentence.
    std::string advice;    ///< What to do. May be empty.
    std::string upstream;  ///< Where an allowed request would go.
    bool is_preflight = false;
    bool is_options = false;  ///< OPTIONS that the gateway answers itself.
    bool lacks_body = false;  ///< The body was cut off: what depends on it was not judged.
};

/// **Errors**: a store that cannot be read, in words.
struct ExplainResult {
    Explanation explanation;
    std::string error;
};
ExplainResult explain(const Runtime& runtime, store::Store& store, const auth::MasterKey& key,
                      const SavedRequest& request);

}  // namespace kwikgate::gateway
