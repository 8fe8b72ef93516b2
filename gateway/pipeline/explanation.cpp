#include "gateway/pipeline/explanation.hpp"

#include "auth/authenticator.hpp"
#include "auth/basic/basic_credentials.hpp"
#include "auth/credential.hpp"
#include "auth/ip_rules.hpp"
#include "auth/signature/content_digest.hpp"
#include "auth/signature/coverage.hpp"
#include "auth/time_text.hpp"
#include "gateway/http/body_reader.hpp"
#include "gateway/http/json_check.hpp"
#include "gateway/http/request_parser.hpp"

namespace kwikgate::gateway {
namespace {

using auth::Decision;
using auth::Phase;
using auth::Reason;

constexpr std::size_t kFewNonces = 1000;

/// One saved request on its way through a pipeline of its own.
class Judgement {
  public:
    Judgement(const Runtime& runtime, store::Reader& reader, const auth::MasterKey& key,
              const SavedRequest& saved)
        : runtime_(runtime),
          reader_(reader),
          saved_(saved),
          sealer_(key),
          limits_(unlimited(), few_nonces(), std::chrono::milliseconds(1)),
          pipeline_(reader, sealer_, limits_) {}

    Explanation run();

  private:
    static AddressLimitConfig unlimited() {
        AddressLimitConfig config;
        config.enabled = false;
        return config;
    }
    static ReplayConfig few_nonces() {
        ReplayConfig config;
        config.entries = kFewNonces;
        return config;
    }

    Decision judge();
    Decision judge_head();
    Decision judge_body(Step step);
    void read_body();
    void tell_phases();
    std::string detail_of(Phase phase) const;
    std::string route_detail() const;
    std::string replay_detail() const;
    std::string body_detail() const;
    std::string why_refused() const;
    std::string why_credential_is_invalid() const;
    std::string api_key_named() const;

    const Runtime& runtime_;
    store::Reader& reader_;
    const SavedRequest& saved_;
    auth::Sealer sealer_;
    SharedLimits limits_;
    Pipeline pipeline_;
    RequestContext context_;
    std::string body_;
    bool is_body_whole_ = false;
    Explanation out_;
};

Explanation Judgement::run() {
    out_.decision = judge();
    context_.decision = out_.decision;
    const auto kind = auth::find_credential(context_.view);
    const bool is_signed = context_.route != nullptr && kind.decision.allowed() &&
                           kind.scheme == auth::Scheme::signature;
    if (is_signed) out_.signature_base = pipeline_.describe_base(context_);
    if (out_.decision.allowed() && context_.route != nullptr && !out_.is_preflight) {
        const int index = runtime_.upstream_for(*context_.route, context_.principal.environment);
        if (index >= 0)
            out_.upstream = runtime_.config.upstreams[static_cast<std::size_t>(index)].name;
    }
    tell_phases();
    return std::move(out_);
}

Decision Judgement::judge() {
    if (const Decision framing = judge_head(); !framing.allowed()) return framing;
    read_body();
    const Step step = pipeline_.judge(runtime_, context_, saved_.at, 0);
    if (step == Step::refuse) return context_.decision;
    out_.is_preflight = step == Step::preflight;
    return out_.is_preflight ? Decision{} : judge_body(step);
}

Decision Judgement::judge_head() {
    const LimitsConfig& limits = runtime_.config.limits;
    const http::HeadLimits head_limits{limits.request_line_bytes, limits.header_bytes,
                                       limits.header_fields};
    std::size_t resume_at = 0;
    const auto parsed = http::parse_request_head(saved_.raw, head_limits, resume_at, context_.head);
    if (parsed.status == http::ParseStatus::refused)
        return Decision::refuse(parsed.reason, Phase::framing);
    if (parsed.status == http::ParseStatus::need_more)
        return Decision::refuse(Reason::bad_request_line, Phase::framing);
    context_.take_view();
    if (!context_.settle_origin(*saved_.listener, saved_.peer))
        return Decision::refuse(Reason::bad_host, Phase::framing);
    return {};
}

void Judgement::read_body() {
    const http::RequestHead& head = context_.head;
    http::BodyReader reader;
    reader.start(head.framing, head.content_length);
    std::string_view rest = saved_.raw.substr(head.head_bytes);
    while (!reader.is_complete()) {
        const http::ChunkStep step = reader.step(rest);
        rest.remove_prefix(step.consumed);
        body_ += step.data;
        if (step.status != http::ChunkStatus::data) break;
    }
    is_body_whole_ = reader.is_complete();
    out_.lacks_body = !is_body_whole_;
}

Decision Judgement::judge_body(Step step) {
    if (!saved_.wrong_body_digest.empty() && step == Step::check_digest)
        return Decision::refuse(Reason::digest_mismatch, Phase::body);
    if (!is_body_whole_) return {};
    if (body_.size() > context_.route->body_bytes)
        return Decision::refuse(Reason::body_too_large, Phase::body);
    if (step == Step::read_form &&
        pipeline_.judge_form(runtime_, context_, body_, saved_.at, 0) == Step::refuse)
        return context_.decision;
    if (step == Step::check_digest) {
        auth::ContentDigest digest;
        digest.start(context_.signature.digests);
        digest.update(body_);
        if (!digest.finish()) return Decision::refuse(Reason::digest_mismatch, Phase::body);
    }
    http::JsonCheck json;
    if (context_.route->check_json && context_.view.has_body && !json.is_valid(body_))
        return Decision::refuse(Reason::body_invalid, Phase::body);
    return {};
}

bool depends_on_others(Phase phase) {
    return phase == Phase::address_limit || phase == Phase::rate_limit;
}

void Judgement::tell_phases() {
    const bool is_allowed = out_.decision.allowed();
    for (auto number = 0U; number <= static_cast<unsigned>(Phase::body); ++number) {
        const auto phase = static_cast<Phase>(number);
        ExplainedPhase line{phase, PhaseOutcome::passed, {}};
        if (!is_allowed && phase == out_.decision.phase) {
            line.outcome = PhaseOutcome::refused;
            line.detail = why_refused();
        } else if ((!is_allowed && phase > out_.decision.phase) ||
                   (out_.is_preflight && phase > Phase::route)) {
            line.outcome = PhaseOutcome::not_reached;
        } else {
            const bool is_unknown = depends_on_others(phase) ||
                                    (phase == Phase::body && out_.lacks_body) ||
                                    (phase == Phase::replay && !context_.signature.nonce.empty());
            if (is_unknown) line.outcome = PhaseOutcome::unknown;
            line.detail = detail_of(phase);
        }
        out_.phases.push_back(std::move(line));
    }
}

std::string Judgement::detail_of(Phase phase) const {
    const auth::Principal& principal = context_.principal;
    switch (phase) {
        case Phase::framing:
            return "host " + std::string(context_.view.authority) + ", scheme " +
                   std::string(context_.view.scheme) + ", client " +
                   auth::to_text(context_.view.client);
        case Phase::address_limit:
            return "depends on earlier failures from the address";
        case Phase::route:
            return route_detail();
        case Phase::authenticate:
            return "token " + std::string(principal.id.view()) + " by " +
                   std::string(auth::to_token(principal.scheme)) + ", secret " +
                   std::to_string(principal.secret_generation);
        case Phase::replay:
            return replay_detail();
        case Phase::environment:
            return std::string(auth::to_token(principal.environment));
        case Phase::rate_limit:
            return "depends on the token's other requests";
        case Phase::body:
            return body_detail();
        default:
            return {};
    }
}

std::string Judgement::route_detail() const {
    const Route& route = *context_.route;
    std::string text = route.method + " " + route.pattern + ": ";
    text += route.section_slug.empty() ? "no section" : "section " + route.section_slug;
    text += ", " + std::string(auth::to_token(route.requirement.access)) + ", by";
    for (const auto scheme :
         {auth::Scheme::basic, auth::Scheme::signature, auth::Scheme::public_key})
        if (route.requirement.schemes.contains(scheme))
            text += " " + std::string(auth::to_token(scheme));
    return text;
}

std::string Judgement::replay_detail() const {
    if (context_.principal.scheme != auth::Scheme::signature) return "no signature";
    if (context_.signature.nonce.empty()) return "no nonce, and the route reads";
    return "nonce " + std::string(context_.signature.nonce) +
           ": refused if a gateway has seen it before";
}

std::string Judgement::body_detail() const {
    if (!context_.view.has_body) return "none";
    if (out_.lacks_body)
        return "not judged: only " + std::to_string(body_.size()) + " bytes of it were saved";
    std::string text = std::to_string(body_.size()) + " bytes";
    if (context_.signature.covers_digest) text += ", its digest is the one that was signed";
    return text;
}

std::string Judgement::why_refused() const {
    const auth::Principal& principal = context_.principal;
    switch (out_.decision.reason) {
        case Reason::credential_invalid:
            return why_credential_is_invalid();
        case Reason::signature_expired:
            return "created " + auth::to_text(context_.signature.created) + ", valid until " +
                   auth::to_text(context_.signature.valid_until);
        case Reason::signature_not_yet_valid:
            return "created " + auth::to_text(context_.signature.created) +
                   ", which is too far ahead";
        case Reason::digest_mismatch:
            if (!saved_.wrong_body_digest.empty())
                return "the body's digest is " + std::string(saved_.wrong_body_digest);
            return "the body's digest is " + auth::content_digest_field(body_);
        case Reason::section_not_granted:
        case Reason::write_not_granted:
            return "token " + std::string(principal.id.view()) + " lacks " +
                   std::string(auth::to_token(context_.route->requirement.access)) + " of " +
                   context_.route->section_slug;
        case Reason::method_not_allowed:
            return "the path has " + std::string(context_.match.allowed_methods);
        case Reason::address_not_allowed:
            return "client " + auth::to_text(context_.view.client);
        case Reason::bad_host:
            return "the listener does not serve " + std::string(context_.view.authority);
        default:
            break;
    }
    return context_.is_authenticated ? "token " + std::string(principal.id.view()) : std::string();
}

/// The API_KEY that the request names; empty when it names none in the header.
std::string Judgement::api_key_named() const {
    if (const auto* field = context_.view.find(auth::FieldName::authorization)) {
        auth::SecretBytes<auth::kMaxBasicBytes> buffer;
        const auto pair = auth::parse_basic(field->value, buffer);
        return pair ? std::string(pair->api_key) : std::string();
    }
    const auto input = std::make_unique<auth::SignatureInput>();
    std::array<std::uint8_t, auth::kMacBytes> mac{};
    if (auth::select_signature(context_.view, *input, mac) != Reason::none) return {};
    return std::string(input->key_id);
}

std::string Judgement::why_credential_is_invalid() const {
    if (context_.form.secret_exposed) return "an API_SECRET stands where the PUBLIC_KEY belongs";
    const std::string key = api_key_named();
    if (key.empty()) return "no token has this PUBLIC_KEY, or the form's signature is wrong";
    const auto snapshot = reader_.snapshot();
    if (!snapshot) return {};
    const auto token = snapshot->token_by_key(key);
    if (!token) return {};
    if (!*token) return "no token has the API_KEY " + auth::partial_credential(key);
    const std::string id((*token)->id);
    if (context_.view.find(auth::FieldName::authorization) != nullptr)
        return "the API_SECRET is not that of token " + id;
    return "the signature is not that of the base below under the API_SECRET of token " + id +
           ": another message or another secret was signed with";
}

}  // namespace

std::string_view to_token(PhaseOutcome outcome) {
    switch (outcome) {
        case PhaseOutcome::passed:
            return "passed";
        case PhaseOutcome::refused:
            return "refused";
        case PhaseOutcome::not_reached:
            return "not_reached";
        case PhaseOutcome::unknown:
            return "unknown";
    }
    return {};
}

ExplainResult explain(const Runtime& runtime, store::Store& store, const auth::MasterKey& key,
                      const SavedRequest& request) {
    auto reader = store.reader();
    if (!reader) return {{}, "the store cannot be read: " + reader.error().message()};
    ExplainResult result;
    result.explanation = Judgement(runtime, *reader, key, request).run();
    const std::string_view line = request.raw.substr(0, request.raw.find("\r\n"));
    result.explanation.request = line.substr(0, 1024);
    return result;
}

}  // namespace kwikgate::gateway
