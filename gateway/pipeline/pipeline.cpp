#include "gateway/pipeline/pipeline.hpp"

#include "auth/address_text.hpp"
#include "auth/request_origin.hpp"
#include "gateway/http/content_type.hpp"
#include "gateway/http/cors.hpp"
#include "gateway/http/signed_fields.hpp"

namespace kwikgate::gateway {

using auth::Decision;
using auth::Phase;
using auth::Reason;

Pipeline::Pipeline(store::Reader& reader, auth::Sealer& sealer, SharedLimits& limits)
    : limits_(limits), basic_(reader, sealer), signature_(reader, sealer), form_(reader, sealer) {}

// A request from its complete header to the verdict, top to bottom. Who you are is settled before
// what you may: nothing about a token is told to somebody who does not hold its secret.
Step Pipeline::judge(const Runtime& runtime, RequestContext& context, auth::Timestamp now,
                     std::uint64_t now_ns) {
    Decision decision = check_address(context, now_ns);
    if (!decision.allowed()) return finish(context, decision, Step::refuse, now_ns);

    if (context.view.path == "*") {  // RFC 9110, 9.3.7: of the gateway as a whole.
        if (context.view.has_body)
            decision = Decision::refuse(Reason::body_unexpected, Phase::route);
        return finish(context, decision, Step::options, now_ns);
    }

    decision = find_route(runtime, context);
    if (!decision.allowed() && find_preflight(runtime, context)) {
        if (!context.view.has_body) return Step::preflight;
        decision = Decision::refuse(Reason::body_unexpected, Phase::route);
    }
    if (!decision.allowed()) return finish(context, decision, Step::refuse, now_ns);

    signature_.set_policy({runtime.config.signature.max_age, runtime.config.signature.max_ahead});
    bool needs_form = false;
    decision = authenticate(context, now, needs_form);
    if (needs_form) return Step::read_form;
    if (!decision.allowed()) return finish(context, decision, Step::refuse, now_ns);

    decision = check_replay(context, now);
    if (!decision.allowed()) return finish(context, decision, Step::refuse, now_ns);

    decision = authorize(runtime, context, now, now_ns);
    // RFC 9110, 7.6.2: the gateway is the last to see it.
    if (context.head.max_forwards == 0) return finish(context, decision, Step::options, now_ns);
    const bool is_digest_open = context.signature.covers_digest && context.view.has_body;
    return finish(context, decision, is_digest_open ? Step::check_digest : Step::forward, now_ns);
}

Step Pipeline::judge_form(const Runtime& runtime, RequestContext& context, std::string_view body,
                          auth::Timestamp now, std::uint64_t now_ns) {
    Decision decision =
        form_.authenticate(context.view, body, now, context.principal, context.form);
    context.is_authenticated = decision.allowed();
    if (decision.allowed()) decision = authorize(runtime, context, now, now_ns);
    return finish(context, decision, Step::forward, now_ns);
}

Decision Pipeline::check_address(RequestContext& context, std::uint64_t now_ns) {
    RateVerdict verdict;
    if (auth::is_unspecified(context.view.client)) {
        auth::SecretBytes<auth::kMaxBasicBytes> buffer;
        verdict = limits_.address.check_key(claimed_key(context.view, buffer), now_ns);
    } else {
        verdict = limits_.address.check(context.view.client, now_ns);
    }
    if (verdict.allowed) return {};
    context.rate = verdict;
    return Decision::refuse(Reason::address_limited, Phase::address_limit);
}

Decision Pipeline::find_route(const Runtime& runtime, RequestContext& context) {
    context.match = runtime.routes.match(context.view.method, context.view.path);
    context.route = context.match.route;
    if (context.route == nullptr) {
        if (context.match.ambiguity)
            return Decision::refuse(Reason::target_ambiguous, Phase::route);
        if (!context.match.method_known)
            return Decision::refuse(Reason::method_unsupported, Phase::route);
        return Decision::refuse(
            context.match.path_known ? Reason::method_not_allowed : Reason::route_unknown,
            Phase::route);
    }
    const Route& route = *context.route;
    if (route.requirement.schemes.contains(auth::Scheme::public_key))
        context.cors_origin = auth::request_origin(context.view);
    if (context.view.has_body && !route.takes_content)
        return Decision::refuse(Reason::body_unexpected, Phase::route);
    if (context.head.framing == http::BodyFraming::content_length &&
        context.head.content_length > route.body_bytes)
        return Decision::refuse(Reason::body_too_large, Phase::route);
    if (context.view.has_body && !route.content_types.empty()) {
        const auth::FieldLine* type = context.view.find(auth::FieldName::content_type);
        if (type == nullptr || !http::media_type_is_one_of(type->value, route.content_types))
            return Decision::refuse(Reason::content_type_unsupported, Phase::route);
    }
    return {};
}

/// A preflight carries no credential: it is answered as the route says, whoever sends it. One for a
/// route without the public key stays the 405 that it is.
bool Pipeline::find_preflight(const Runtime& runtime, RequestContext& context) {
    const std::string_view method = http::preflight_method(context.view);
    if (method.empty() || !context.match.path_known) return false;
    const Route* route = runtime.routes.match(method, context.view.path).route;
    if (route == nullptr || !route->requirement.schemes.contains(auth::Scheme::public_key))
        return false;
    context.route = route;
    context.cors_origin = auth::request_origin(context.view);
    context.is_preflight = true;
    return true;
}

Decision Pipeline::authenticate(RequestContext& context, auth::Timestamp now, bool& needs_form) {
    const auth::SchemeSet schemes = context.route->requirement.schemes;
    const auth::CredentialKind kind = auth::find_credential(context.view);
    if (!kind.decision.allowed()) {
        needs_form = kind.decision.reason == Reason::credential_missing &&
                     schemes.contains(auth::Scheme::public_key);
        context.signature.fault = kind.fault;
        context.signature.may_explain =
            kind.fault != auth::SignatureFault::none && auth::names_test_key(context.view);
        return kind.decision;
    }
    const Route& route = *context.route;
    // A scheme that the route never takes is refused by `authorize`, after the credential proved
    // right: a stranger learns nothing about the route.
    const Decision decision =
        kind.scheme == auth::Scheme::basic
            ? basic_.authenticate(context.view, now, context.principal)
            : signature_.authenticate(context.view, route.requirement.access, now,
                                      context.principal, context.signature, route.wanted);
    context.is_authenticated = decision.allowed();
    const bool is_signed = decision.allowed() && kind.scheme == auth::Scheme::signature;
    // What was signed is what arrives, or nothing does.
    if (is_signed && !http::covered_fields_arrive(signature_.covered(), context.view.fields))
        return Decision::refuse(Reason::bad_header, Phase::authenticate);
    return decision;
}

/// Looks only: what is refused from here on must leave nothing in a table that all tokens share.
/// A copy is told before it costs the token's rate.
Decision Pipeline::check_replay(RequestContext& context, auth::Timestamp now) const {
    if (context.principal.scheme != auth::Scheme::signature) return {};
    const auth::VerifiedSignature& signature = context.signature;
    if (signature.nonce.empty()) return {};  // Allowed for routes that read.
    context.nonce = limits_.replay.identify(signature.key_id, signature.nonce);
    context.has_nonce = true;
    if (limits_.replay.holds(context.nonce, now))
        return Decision::refuse(Reason::nonce_replayed, Phase::replay);
    return {};
}

Decision Pipeline::record_nonce(const Runtime& runtime, const RequestContext& context,
                                auth::Timestamp now) {
    if (!context.has_nonce) return {};
    const auth::VerifiedSignature& signature = context.signature;
    // Its body came too late: the table may forget a nonce from here on, and would take copies that
    // waited as long for fresh.
    if (now > signature.valid_until)
        return Decision::refuse(Reason::signature_expired, Phase::nonce);
    using Verdict = auth::ReplayGuard::Verdict;
    const bool is_read = context.route->requirement.access == auth::Access::read;
    // A read needs no nonce: where one cannot be remembered, it is served as if it had none.
    const auto refuse_write = [&](Reason reason) {
        return is_read ? Decision{} : Decision::refuse(reason, Phase::nonce);
    };
    // Where an imported token came from, the signature may have been used.
    if (context.principal.imported_at &&
        signature.created <= *context.principal.imported_at + runtime.config.signature.max_ahead &&
        !is_read)
        return refuse_write(Reason::replay_state_lost);
    switch (limits_.replay.record(
        {context.nonce, context.principal.number, signature.created, signature.valid_until}, now,
        runtime.config.replay.entries_per_token())) {
        case Verdict::fresh:
            return {};
        case Verdict::replayed:
            return Decision::refuse(Reason::nonce_replayed, Phase::nonce);
        case Verdict::table_full:
            return refuse_write(Reason::replay_table_full);
        case Verdict::share_used:
            return refuse_write(Reason::nonce_limited);
        case Verdict::state_lost:
            return refuse_write(Reason::replay_state_lost);
    }
    return Decision::refuse(Reason::replay_state_lost, Phase::nonce);
}

Decision Pipeline::authorize(const Runtime& runtime, RequestContext& context, auth::Timestamp now,
                             std::uint64_t now_ns) {
    const Decision decision = auth::authorize(context.principal, context.route->requirement, now);
    if (!decision.allowed()) return decision;
    const int upstream = runtime.upstream_for(*context.route, context.principal.environment);
    if (upstream < 0) return Decision::refuse(Reason::environment_not_allowed, Phase::environment);
    const RateLimitConfig& standard = runtime.config.rate_limit;
    context.rate_limit = context.principal.rate.value_or(
        store::RateLimit{standard.requests_per_second, standard.burst});
    context.rate = limits_.rate.take(context.principal.number, context.rate_limit, now_ns);
    context.has_rate = true;
    if (!context.rate.allowed) return Decision::refuse(Reason::rate_limited, Phase::rate_limit);
    return take_place(context, upstream);
}

/// Requests under way: the token's cap, over all workers, and its share of what this worker has to
/// the upstream. The place comes back with the end of the request.
Decision Pipeline::take_place(RequestContext& context, int upstream) {
    const auth::Principal& token = context.principal;
    const bool has_room =
        (context.shares == nullptr || !context.shares->is_used_up(upstream, token.number)) &&
        limits_.concurrency.take(token.number, token.max_concurrent, context.place);
    return has_room ? Decision{} : Decision::refuse(Reason::concurrency_limited, Phase::rate_limit);
}

Step Pipeline::finish(RequestContext& context, Decision decision, Step otherwise,
                      std::uint64_t now_ns) {
    context.decision = decision;
    if (decision.allowed()) return otherwise;
    note_refusal(context, now_ns);
    return Step::refuse;
}

void Pipeline::note_refusal(const RequestContext& context, std::uint64_t now_ns) {
    if (!auth::row(context.decision.reason).counts_as_auth_failure) return;
    if (!auth::is_unspecified(context.view.client))
        return limits_.address.record_failure(context.view.client, now_ns);
    auth::SecretBytes<auth::kMaxBasicBytes> buffer;
    limits_.address.record_key_failure(claimed_key(context.view, buffer), now_ns);
}

/// The API_KEY that the header claims, in `buffer` or in memory of the signature scheme; empty when
/// it claims none. Looked at only where the client's address is not known.
std::string_view Pipeline::claimed_key(const auth::RequestView& request,
                                       auth::SecretBytes<auth::kMaxBasicBytes>& buffer) {
    if (const auto* field = request.find(auth::FieldName::authorization)) {
        const auto pair = auth::parse_basic(field->value, buffer);
        return pair ? pair->api_key : std::string_view();
    }
    return signature_.claimed_key(request);
}

std::string Pipeline::describe_base(const RequestContext& context) {
    return signature_.describe_base(context.view);
}

auth::SignatureReport Pipeline::report_signature(const RequestContext& context, auth::Timestamp now,
                                                 std::string_view body_digest,
                                                 auth::SignatureFault& cause) {
    auth::RefusedSignature refused{signature_cause(context), now, body_digest};
    auth::SignatureReport report = signature_.report(context.view, refused);
    cause = refused.fault;
    return report;
}

}  // namespace kwikgate::gateway
