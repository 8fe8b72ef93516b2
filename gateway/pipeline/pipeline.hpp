#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/authenticator.hpp"
#include "auth/basic/basic_credentials.hpp"
#include "auth/master_key.hpp"
#include "auth/public_key/form_scheme.hpp"
#include "auth/replay_guard.hpp"
#include "auth/secret.hpp"
#include "auth/signature/signature_scheme.hpp"
#include "gateway/pipeline/address_limiter.hpp"
#include "gateway/pipeline/concurrency_limiter.hpp"
#include "gateway/pipeline/rate_limiter.hpp"
#include "gateway/pipeline/request_context.hpp"
#include "gateway/pipeline/runtime.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway {

/// What the workers share while they judge: atomics and the mapped store, nothing else.
struct SharedLimits {
    RateLimiter rate;
    AddressLimiter address;
    auth::ReplayGuard replay;
    ConcurrencyLimiter concurrency;
    SharedLimits(const AddressLimitConfig& address_config, const ReplayConfig& replay_config,
                 std::chrono::milliseconds replay_window)
        : address(address_config), replay(replay_config.entries, replay_window) {}
};

/// What is to be done with a request next.
enum class Step : std::uint8_t {
    refuse,        ///< `context.decision` says why.
    forward,       ///< Let in. The body, if any, needs no further proof.
    check_digest,  ///< Let in, provided that the body has the digests that were signed.
    read_form,     ///< The credential is in the body: hold it, then `judge_form`.
    options,       ///< OPTIONS that goes no further: answer 204 here and now.
    preflight,     ///< A browser asks whether it may send a form: tell it so, here and now.
};

/// The phases of a request, in order, without a socket. One per worker. **Threads**: its worker's.
/// **Cost**: no allocation and no system call on the way of an allowed request.
class Pipeline {
  public:
    Pipeline(store::Reader& reader, auth::Sealer& sealer, SharedLimits& limits);

    /// Judges a request whose header is complete.
    Step judge(const Runtime& runtime, RequestContext& context, auth::Timestamp now,
               std::uint64_t now_ns);
    /// Goes on where `judge` said `read_form`, with the whole body.
    Step judge_form(const Runtime& runtime, RequestContext& context, std::string_view body,
                    auth::Timestamp now, std::uint64_t now_ns);
    /// The last word on a request that was let in: uses its nonce up. Call once, after all else
    /// that may refuse it and before anything goes upstream, not for another attempt. `now` is
    /// the wall clock after what was waited for.
    auth::Decision record_nonce(const Runtime& runtime, const RequestContext& context,
                                auth::Timestamp now);
    /// Counts a refusal that came later (a digest that did not match) against the address, or the
    /// claimed key of a client whose address nobody knows.
    void note_refusal(const RequestContext& context, std::uint64_t now_ns);

    /// What a signature refusal may tell its author: the base as computed here. Cold path.
    std::string describe_base(const RequestContext& context);
    /// The refused signature of a request in words; `context.signature` is that of its last
    /// judgement. `body_digest`: of the body that arrived, where it is the wrong one.
    auth::SignatureReport report_signature(const RequestContext& context, auth::Timestamp now,
                                           std::string_view body_digest,
                                           auth::SignatureFault& cause);

  private:
    auth::Decision check_address(RequestContext& context, std::uint64_t now_ns);
    std::string_view claimed_key(const auth::RequestView& request,
                                 auth::SecretBytes<auth::kMaxBasicBytes>& buffer);
    bool find_preflight(const Runtime& runtime, RequestContext& context);
    auth::Decision find_route(const Runtime& runtime, RequestContext& context);
    auth::Decision authenticate(RequestContext& context, auth::Timestamp now, bool& needs_form);
    auth::Decision check_replay(RequestContext& context, auth::Timestamp now) const;
    auth::Decision take_place(RequestContext& context, int upstream);
    auth::Decision authorize(const Runtime& runtime, RequestContext& context, auth::Timestamp now,
                             std::uint64_t now_ns);
    Step finish(RequestContext& context, auth::Decision decision, Step otherwise,
                std::uint64_t now_ns);

    SharedLimits& limits_;
    auth::BasicAuthenticator basic_;
    auth::SignatureAuthenticator signature_;
    auth::FormAuthenticator form_;
};

}  // namespace kwikgate::gateway
