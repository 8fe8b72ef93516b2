#include "gateway/pipeline/explained_phases.hpp"

#include "auth/address_text.hpp"
#include "auth/ip_rules.hpp"

namespace kwikgate::gateway {
namespace {

using auth::Phase;

bool depends_on_others(Phase phase) {
    return phase == Phase::address_limit || phase == Phase::rate_limit;
}

/// Answered before anybody had to prove who they are.
bool ends_at_route(const JudgedRequest& judged) {
    const bool is_of_all = judged.verdict.is_options && judged.context.route == nullptr;
    return judged.verdict.is_preflight || is_of_all;
}

std::string route_detail(const JudgedRequest& judged) {
    if (judged.context.route == nullptr) return "OPTIONS * needs no route";
    const Route& route = *judged.context.route;
    std::string text = route.method + " " + route.pattern + ": ";
    text += route.section_slug.empty() ? "no section" : "section " + route.section_slug;
    text += ", " + std::string(auth::to_token(route.requirement.access)) + ", by";
    for (const auto scheme :
         {auth::Scheme::basic, auth::Scheme::signature, auth::Scheme::public_key})
        if (route.requirement.schemes.contains(scheme))
            text += " " + std::string(auth::to_token(scheme));
    return text;
}

std::string replay_detail(const JudgedRequest& judged) {
    if (judged.context.principal.scheme != auth::Scheme::signature) return "no signature";
    if (judged.context.signature.nonce.empty()) return "no nonce, and the route reads";
    return "nonce " + std::string(judged.context.signature.nonce) +
           ": refused with nonce_replayed if the gateway has seen it before";
}

std::string nonce_detail(const JudgedRequest& judged) {
    if (!judged.context.has_nonce) return "nothing to record";
    if (judged.context.route->requirement.access == auth::Access::read)
        return "recorded if there is room; the route reads, so it is served all the same";
    return "recorded last: depends on the room in the replay table and on the token's share of it";
}

std::string body_detail(const JudgedRequest& judged) {
    if (!judged.context.view.has_body) return "none";
    if (judged.verdict.lacks_body)
        return "not judged: only " + std::to_string(judged.body.size()) + " bytes of it were saved";
    std::string text = std::to_string(judged.body.size()) + " bytes";
    if (judged.context.signature.covers_digest) text += ", its digest is the one that was signed";
    return text;
}

/// The host and the scheme, which are signed, and where the gateway has them from.
std::string origin_detail(const RequestContext& context) {
    return "host " + std::string(context.view.authority) + " (" +
           std::string(context.authority_from()) + "), scheme " + std::string(context.view.scheme) +
           " (" + std::string(context.scheme_from()) + "), client " + client_text(context);
}

std::string detail_of(Phase phase, const JudgedRequest& judged) {
    const auth::Principal& principal = judged.context.principal;
    switch (phase) {
        case Phase::framing:
            return origin_detail(judged.context);
        case Phase::address_limit:
            return "depends on earlier failures from the address";
        case Phase::route:
            return route_detail(judged);
        case Phase::authenticate:
            return "token " + std::string(principal.id.view()) + " by " +
                   std::string(auth::to_token(principal.scheme)) + ", secret " +
                   std::to_string(principal.secret_generation);
        case Phase::replay:
            return replay_detail(judged);
        case Phase::environment:
            return std::string(auth::to_token(principal.environment));
        case Phase::rate_limit:
            return "depends on the token's other requests";
        case Phase::body:
            return body_detail(judged);
        case Phase::nonce:
            return nonce_detail(judged);
        default:
            return {};
    }
}

}  // namespace

std::string client_text(const RequestContext& context) {
    return auth::is_unspecified(context.view.client) ? "unknown"
                                                     : auth::to_text(context.view.client);
}

std::vector<ExplainedPhase> tell_phases(const JudgedRequest& judged) {
    std::vector<ExplainedPhase> phases;
    const bool is_allowed = judged.verdict.decision.allowed();
    for (auto number = 0U; number <= static_cast<unsigned>(Phase::nonce); ++number) {
        const auto phase = static_cast<Phase>(number);
        ExplainedPhase line{phase, PhaseOutcome::passed, {}};
        if (!is_allowed && phase == judged.verdict.decision.phase) {
            line.outcome = PhaseOutcome::refused;
            line.detail = judged.verdict.detail;
        } else if ((!is_allowed && phase > judged.verdict.decision.phase) ||
                   (phase > Phase::route && ends_at_route(judged))) {
            line.outcome = PhaseOutcome::not_reached;
        } else {
            const bool is_unknown =
                depends_on_others(phase) || (phase == Phase::body && judged.verdict.lacks_body) ||
                ((phase == Phase::replay || phase == Phase::nonce) && judged.context.has_nonce);
            if (is_unknown) line.outcome = PhaseOutcome::unknown;
            line.detail = detail_of(phase, judged);
        }
        phases.push_back(std::move(line));
    }
    return phases;
}

}  // namespace kwikgate::gateway
