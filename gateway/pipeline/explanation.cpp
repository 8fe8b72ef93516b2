#include "gateway/pipeline/explanation.hpp"

#include "auth/authenticator.hpp"
#include "auth/signature/content_digest.hpp"
#include "gateway/http/body_reader.hpp"
#include "gateway/http/json_check.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/pipeline/explained_phases.hpp"
#include "gateway/pipeline/explained_refusal.hpp"
#include "gateway/pipeline/pipeline.hpp"

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

    void tell_signature();
    Decision judge();
    Decision judge_head();
    Decision judge_body(Step step);
    void read_body();

    const Runtime& runtime_;
    store::Reader& reader_;
    const SavedRequest& saved_;
    auth::Sealer sealer_;
    SharedLimits limits_;
    Pipeline pipeline_;
    RequestContext context_;
    std::string body_;
    std::string body_digest_;  // Of a body that is not the one that was signed.
    bool is_body_whole_ = false;
    Explanation out_;
};

Explanation Judgement::run() {
    out_.decision = judge();
    context_.decision = out_.decision;
    tell_signature();
    if (out_.decision.allowed() && context_.route != nullptr && !out_.is_preflight &&
        !out_.is_options) {
        const int index = runtime_.upstream_for(*context_.route, context_.principal.environment);
        if (index >= 0)
            out_.upstream = runtime_.config.upstreams[static_cast<std::size_t>(index)].name;
    }
    const JudgedRequest judged{context_, out_, body_, reader_};
    if (!out_.decision.allowed() && out_.cause.empty()) tell_refusal(judged, saved_.raw, out_);
    out_.phases = tell_phases(judged);
    return std::move(out_);
}

/// The signature base, and what is wrong with the signature.
void Judgement::tell_signature() {
    const auto kind = auth::find_credential(context_.view);
    const bool is_signed = kind.fault != auth::SignatureFault::none ||
                           (kind.decision.allowed() && kind.scheme == auth::Scheme::signature);
    if (context_.route == nullptr || !is_signed) return;
    if (signature_cause(context_) == auth::SignatureFault::none) {
        out_.signature_base = pipeline_.describe_base(context_);
        return;
    }
    auth::SignatureFault cause{};
    auth::SignatureReport report =
        pipeline_.report_signature(context_, saved_.at, body_digest_, cause);
    out_.signature_base = std::move(report.base);
    out_.detail = std::move(report.words);
    if (cause == auth::SignatureFault::signature_differs)
        cause = tell_difference(auth::SignatureTrial(reader_, sealer_, context_.view, saved_.at),
                                saved_.client_base, out_);
    out_.cause = auth::row(cause).token;
    out_.advice = auth::row(cause).advice;
}

Decision Judgement::judge() {
    if (const Decision framing = judge_head(); !framing.allowed()) return framing;
    read_body();
    const Step step = pipeline_.judge(runtime_, context_, saved_.at, 0);
    if (step == Step::refuse) return context_.decision;
    out_.is_preflight = step == Step::preflight;
    out_.is_options = step == Step::options;
    return out_.is_preflight || out_.is_options ? Decision{} : judge_body(step);
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
    if (!saved_.wrong_body_digest.empty() && step == Step::check_digest) {
        body_digest_ = saved_.wrong_body_digest;
        return Decision::refuse(Reason::digest_mismatch, Phase::body);
    }
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
        if (!digest.finish()) {
            body_digest_ = digest.found();
            return Decision::refuse(Reason::digest_mismatch, Phase::body);
        }
    }
    http::JsonCheck json;
    if (context_.route->check_json && !body_.empty() && !json.is_valid(body_))
        return Decision::refuse(Reason::body_invalid, Phase::body);
    return {};
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
    // What is no request line may be anything, a credential too.
    result.explanation.request = result.explanation.decision.reason == Reason::bad_request_line
                                     ? "(no request line)"
                                     : line.substr(0, 1024);
    return result;
}

}  // namespace kwikgate::gateway
