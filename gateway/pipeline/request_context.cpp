#include "gateway/pipeline/request_context.hpp"

#include "auth/authority.hpp"

namespace kwikgate::gateway {

std::string_view to_token(Termination termination) {
    switch (termination) {
        case Termination::completed:
            return "completed";
        case Termination::downstream_closed:
            return "downstream_closed";
        case Termination::downstream_timeout:
            return "downstream_timeout";
        case Termination::downstream_slow:
            return "downstream_slow";
        case Termination::upstream_aborted:
            return "upstream_aborted";
    }
    return "completed";
}

void RequestContext::clear() {
    head.clear();
    view = {};
    is_proxied = keeps_chain = false;
    authority_source = scheme_source = http::OriginSource::connection;
    forwarded_host = {};
    request_id.clear();
    traceparent.clear();
    continues_trace = false;
    span_id = 0;
    match = {};
    route = nullptr;
    cors_origin = {};
    is_preflight = false;
    is_authenticated = false;
    signature.may_explain = false;
    signature.fault = auth::SignatureFault::none;
    signature.covers_digest = false;
    form = {};
    has_nonce = false;
    has_rate = false;
    place.release();
    shares = nullptr;
    decision = {};
    upstream_name = server_name = {};
    upstream_reused = false;
    attempts = 0;
    status = 0;
    termination = Termination::completed;
    request_body_bytes = response_bytes = 0;
    upstream_begun_at = upstream_head_at = {};
}

void RequestContext::take_view() {
    view.method = head.method;
    view.target = head.target;
    view.path = head.path;
    view.query = head.query;
    view.has_query = head.has_query;
    view.authority = head.authority;
    view.scheme = {};
    view.fields = head.fields;
    view.has_body = head.framing == http::BodyFraming::chunked ||
                    (head.framing == http::BodyFraming::content_length && head.content_length != 0);
    view.client = {};
}

bool RequestContext::settle_origin(const ListenerConfig& listener, const auth::IpAddress& peer) {
    const auto origin =
        http::find_client_origin(view, peer, listener.scheme, listener.trusted_proxies);
    view.client = origin.address;
    view.scheme = origin.scheme;
    is_proxied = origin.is_proxied;
    keeps_chain = origin.keeps_chain;
    scheme_source = origin.scheme_source;
    forwarded_host = origin.forwarded_host;
    if (listener.forwarded_host && is_proxied) {
        const std::string_view told = http::forwarded_authority(view);
        if (!told.empty()) {
            view.authority = told;
            authority_source = http::OriginSource::forwarded;
            if (!auth::parse_authority(told)) return false;
        }
    }
    return http::accepts_authority(view.authority, view.scheme, listener.authorities);
}

auth::SignatureFault signature_cause(const RequestContext& context) {
    // Both are found after the signature proved right, by somebody else.
    if (context.decision.reason == auth::Reason::nonce_replayed)
        return auth::SignatureFault::nonce_replayed;
    if (context.decision.reason == auth::Reason::digest_mismatch &&
        context.decision.phase == auth::Phase::body)
        return auth::SignatureFault::digest_differs;
    return context.signature.fault;
}

}  // namespace kwikgate::gateway
