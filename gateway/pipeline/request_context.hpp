#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/decision.hpp"
#include "auth/principal.hpp"
#include "auth/public_key/form_scheme.hpp"
#include "auth/request_view.hpp"
#include "auth/signature/signature_scheme.hpp"
#include "auth/siphash.hpp"
#include "gateway/http/client_origin.hpp"
#include "gateway/http/message.hpp"
#include "gateway/pipeline/concurrency_limiter.hpp"
#include "gateway/pipeline/rate_limiter.hpp"
#include "gateway/pipeline/route_table.hpp"
#include "gateway/pipeline/upstream_shares.hpp"

namespace kwikgate::gateway {

using SteadyTime = std::chrono::steady_clock::time_point;

/// How a request ended for good: beside the reason, which says what the gateway answered.
enum class Termination : std::uint8_t {
    completed,           ///< The whole answer went out.
    downstream_closed,   ///< The client went away first.
    downstream_timeout,  ///< The client took or sent nothing for too long.
    downstream_slow,     ///< The client took less than `limits.min_rate`.
    upstream_aborted,    ///< The upstream's answer broke off after it had begun.
};
inline constexpr std::size_t kTerminationCount =
    static_cast<std::size_t>(Termination::upstream_aborted) + 1;

std::string_view to_token(Termination termination);

/// Everything that is known about one request while it is judged, forwarded and logged. A member of
/// its exchange, cleared and used again: no allocation at steady state.
struct RequestContext {
    http::RequestHead head;
    auth::RequestView view;  ///< Over `head`, taken when the header was complete.
    std::string_view forwarded_host;
    auth::InlineString<64> request_id;
    auth::InlineString<55> traceparent;
    std::uint64_t span_id = 0;              ///< 0: the request is not traced.
    auth::InlineString<16> parent_span_id;  ///< Of a traced one's caller; empty: it has none.

    RouteMatch match;
    const Route* route = nullptr;
    /// Set on routes that take the PUBLIC_KEY, when a page of another origin asks.
    std::string_view cors_origin;
    auth::Principal principal;
    auth::VerifiedSignature signature;
    auth::Hash128 nonce;  ///< What the signature's nonce is known by, where `has_nonce`.
    auth::FormFinding form;
    RateVerdict rate;
    store::RateLimit rate_limit;
    ConcurrencyPlace place;                  ///< Of a token with a cap, until `clear`.
    const UpstreamShares* shares = nullptr;  ///< Null: no connections here, nothing to share.
    auth::Decision decision;

    std::string_view upstream_name;
    std::string_view server_name;
    unsigned attempts = 0;
    unsigned status = 0;  ///< What the client was answered.
    Termination termination = Termination::completed;
    std::uint64_t request_body_bytes = 0;
    std::uint64_t response_bytes = 0;  ///< On the wire, head included.

    auth::Timestamp judged_at{};     ///< Wall clock: the head, later the body, was complete.
    auth::Timestamp received_at{};   ///< When, by the calendar, it was `started_at`.
    SteadyTime started_at{};         ///< The head was complete.
    SteadyTime upstream_begun_at{};  ///< The first byte went upstream.
    SteadyTime upstream_head_at{};   ///< The answer's head was complete.

    bool is_proxied = false;   ///< The peer is a trusted proxy, `view.client` whom it named.
    bool keeps_chain = false;  ///< The proxy's X-Forwarded-For is to be carried on.
    http::OriginSource authority_source = http::OriginSource::connection;
    http::OriginSource scheme_source = http::OriginSource::connection;
    bool continues_trace = false;  ///< `traceparent` carries the client's on.
    bool is_preflight = false;
    bool is_authenticated = false;
    bool has_nonce = false;  ///< A right signature with a nonce, not known when it was judged.
    bool has_rate = false;
    bool upstream_reused = false;

    /// Which field or setting `view.authority` and `view.scheme` come from, in words.
    std::string_view authority_from() const {
        return authority_source == http::OriginSource::forwarded ? "X-Forwarded-Host" : "Host";
    }
    std::string_view scheme_from() const {
        return scheme_source == http::OriginSource::forwarded ? "X-Forwarded-Proto" : "listener";
    }

    void clear();
    /// Fills `view` from `head`, as the request is judged. It borrows what `head` borrows.
    void take_view();
    /// Settles who sent it and how, as far as the peer and the listener's settings let that be
    /// believed. False when the listener does not serve the authority that was asked for, or a
    /// proxy whose X-Forwarded-Host is used names none.
    bool settle_origin(const ListenerConfig& listener, const auth::IpAddress& peer);
};

/// Why a signed request was refused; `none` where its signature is not the cause.
auth::SignatureFault signature_cause(const RequestContext& context);

}  // namespace kwikgate::gateway
