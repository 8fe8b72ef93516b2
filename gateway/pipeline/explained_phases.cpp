#include "gateway/pipeline/explained_phases.hpp"

#include <array>
#include <memory>

#include "auth/basic/basic_credentials.hpp"
#include "auth/credential.hpp"
#include "auth/ip_rules.hpp"
#include "auth/signature/content_digest.hpp"
#include "auth/signature/coverage.hpp"
#include "auth/time_text.hpp"

namespace kwikgate::gateway {
namespace {

using auth::Phase;
using auth::Reason;

bool depends_on_others(Phase phase) {
    return phase == Phase::address_limit || phase == Phase::rate_limit;
}

std::string route_detail(const JudgedRequest& judged) {
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
           ": refused if a gateway has seen it before";
}

std::string body_detail(const JudgedRequest& judged) {
    if (!judged.context.view.has_body) return "none";
    if (judged.verdict.lacks_body)
        return "not judged: only " + std::to_string(judged.body.size()) + " bytes of it were saved";
    std::string text = std::to_string(judged.body.size()) + " bytes";
    if (judged.context.signature.covers_digest) text += ", its digest is the one that was signed";
    return text;
}

std::string detail_of(Phase phase, const JudgedRequest& judged) {
    const auth::Principal& principal = judged.context.principal;
    switch (phase) {
        case Phase::framing:
            return "host " + std::string(judged.context.view.authority) + ", scheme " +
                   std::string(judged.context.view.scheme) + ", client " +
                   auth::to_text(judged.context.view.client);
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
        default:
            return {};
    }
}

/// The API_KEY that the request names; empty when it names none in the header.
std::string api_key_named(const JudgedRequest& judged) {
    if (const auto* field = judged.context.view.find(auth::FieldName::authorization)) {
        auth::SecretBytes<auth::kMaxBasicBytes> buffer;
        const auto pair = auth::parse_basic(field->value, buffer);
        return pair ? std::string(pair->api_key) : std::string();
    }
    const auto input = std::make_unique<auth::SignatureInput>();
    std::array<std::uint8_t, auth::kMacBytes> mac{};
    if (auth::select_signature(judged.context.view, *input, mac) != Reason::none) return {};
    return std::string(input->key_id);
}

std::string why_credential_is_invalid(const JudgedRequest& judged) {
    if (judged.context.form.secret_exposed)
        return "an API_SECRET stands where the PUBLIC_KEY belongs";
    const std::string key = api_key_named(judged);
    if (key.empty()) return "no token has this PUBLIC_KEY, or the form's signature is wrong";
    const auto snapshot = judged.reader.snapshot();
    if (!snapshot) return {};
    const auto token = snapshot->token_by_key(key);
    if (!token) return {};
    if (!*token) return "no token has the API_KEY " + auth::partial_credential(key);
    const std::string id((*token)->id);
    if (judged.context.view.find(auth::FieldName::authorization) != nullptr)
        return "the API_SECRET is not that of token " + id;
    return "the signature is not that of the base below under the API_SECRET of token " + id +
           ": another message or another secret was signed with";
}

std::string why_refused(const JudgedRequest& judged) {
    const auth::Principal& principal = judged.context.principal;
    switch (judged.verdict.decision.reason) {
        case Reason::credential_invalid:
            return why_credential_is_invalid(judged);
        case Reason::signature_expired:
            return "created " + auth::to_text(judged.context.signature.created) + ", valid until " +
                   auth::to_text(judged.context.signature.valid_until);
        case Reason::signature_not_yet_valid:
            return "created " + auth::to_text(judged.context.signature.created) +
                   ", which is too far ahead";
        case Reason::digest_mismatch:
            if (!judged.wrong_body_digest.empty())
                return "the body's digest is " + std::string(judged.wrong_body_digest);
            return "the body's digest is " + auth::content_digest_field(judged.body);
        case Reason::section_not_granted:
        case Reason::write_not_granted:
            return "token " + std::string(principal.id.view()) + " lacks " +
                   std::string(auth::to_token(judged.context.route->requirement.access)) + " of " +
                   judged.context.route->section_slug;
        case Reason::method_not_allowed:
            return "the path has " + std::string(judged.context.match.allowed_methods);
        case Reason::address_not_allowed:
            return "client " + auth::to_text(judged.context.view.client);
        case Reason::bad_host:
            return "the listener does not serve " + std::string(judged.context.view.authority);
        default:
            break;
    }
    return judged.context.is_authenticated ? "token " + std::string(principal.id.view())
                                           : std::string();
}

}  // namespace

std::vector<ExplainedPhase> tell_phases(const JudgedRequest& judged) {
    std::vector<ExplainedPhase> phases;
    const bool is_allowed = judged.verdict.decision.allowed();
    for (auto number = 0U; number <= static_cast<unsigned>(Phase::body); ++number) {
        const auto phase = static_cast<Phase>(number);
        ExplainedPhase line{phase, PhaseOutcome::passed, {}};
        if (!is_allowed && phase == judged.verdict.decision.phase) {
            line.outcome = PhaseOutcome::refused;
            line.detail = why_refused(judged);
        } else if ((!is_allowed && phase > judged.verdict.decision.phase) ||
                   (judged.verdict.is_preflight && phase > Phase::route)) {
            line.outcome = PhaseOutcome::not_reached;
        } else {
            const bool is_unknown =
                depends_on_others(phase) || (phase == Phase::body && judged.verdict.lacks_body) ||
                (phase == Phase::replay && !judged.context.signature.nonce.empty());
            if (is_unknown) line.outcome = PhaseOutcome::unknown;
            line.detail = detail_of(phase, judged);
        }
        phases.push_back(std::move(line));
    }
    return phases;
}

}  // namespace kwikgate::gateway
