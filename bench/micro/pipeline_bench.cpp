#include "auth/signature/signer.hpp"
#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"
#include "gateway/http/forwarding.hpp"
#include "gateway/http/response_parser.hpp"
#include "gateway/http/trace_context.hpp"
#include "gateway/pipeline/pipeline.hpp"
#include "gateway/telemetry/access_log.hpp"
#include "store/clock.hpp"

namespace kwikgate::bench {
namespace {

namespace http = gateway::http;

/// What of a gateway is not sockets: parse, judge, rewrite both heads, log.
class Path {
  public:
    explicit Path(bool limits_addresses = true)
        : world_(World::with_tokens(1000)),
          reader_(world_.reader()),
          limits_(address_limit(limits_addresses), {}, std::chrono::milliseconds{330'000}),
          pipeline_(reader_, world_.sealer(), limits_),
          buffer_(log_) {
        log_.open("/dev/null");
        context_.head.fields.reserve(128);
        response_.fields.reserve(64);
    }

    bool judge(std::string_view request, gateway::Step expected) {
        context_.clear();
        parse_into(request, context_);
        context_.started_at = std::chrono::steady_clock::now();
        http::assign_request_id({}, ids_, context_.request_id);
        http::continue_trace({}, ids_, context_.traceparent);
        return pipeline_.judge(world_.runtime(), context_, store::current_time(),
                               steady_nanoseconds()) == expected;
    }

    void forward_and_answer() {
        http::ForwardingContext forwarding;
        forwarding.request_id = context_.request_id.view();
        forwarding.traceparent = context_.traceparent.view();
        forwarding.client_address = "203.0.113.7";
        forwarding.scheme = "http";
        forwarding.forwarded_host = context_.head.authority;
        forwarding.principal = &context_.principal;
        forwarding.section = context_.route->section_slug;
        forwarding.method = context_.head.method;
        http::write_upstream_request_head(context_.head, forwarding, out_);
        std::size_t resume_at = 0;
        http::parse_response_head(kAnswer, {32768, 32768, 200}, false, resume_at, response_);
        context_.status = response_.status;
        http::ResponseForwarding answer;
        answer.request_id = context_.request_id.view();
        answer.framing = response_.framing;
        answer.content_length = response_.content_length;
        answer.has_content_length = true;
        http::write_downstream_response_head(response_, answer, out_);
        buffer_.append(context_, "public", "203.0.113.7", std::chrono::system_clock::now(),
                       std::chrono::steady_clock::now());
    }

  private:
    static gateway::AddressLimitConfig address_limit(bool is_enabled) {
        gateway::AddressLimitConfig config;
        config.enabled = is_enabled;
        return config;
    }
    static constexpr std::string_view kAnswer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n";
    World& world_;
    store::Reader reader_;
    gateway::SharedLimits limits_;
    gateway::Pipeline pipeline_;
    gateway::AccessLog log_;
    gateway::AccessLogBuffer buffer_;
    http::IdSource ids_;
    gateway::RequestContext context_;
    http::ResponseHead response_;
    std::string out_;
};

void pipeline(benchmark::State& state, const std::string& request) {
    Path path;
    for (int i = 0; i < 1000; ++i) {  // Buffers reach their size.
        if (!path.judge(request, gateway::Step::forward)) state.SkipWithError("refused");
        path.forward_and_answer();
    }
    const AllocationCount allocations;
    for (auto _ : state) {
        if (!path.judge(request, gateway::Step::forward)) state.SkipWithError("refused");
        path.forward_and_answer();
    }
    allocations.report(state);
}

void pipeline_signed_get(benchmark::State& state) {
    pipeline(state, signed_get(1));
}
BENCHMARK(pipeline_signed_get);

void pipeline_basic_get(benchmark::State& state) {
    pipeline(state, basic_get(1));
}
BENCHMARK(pipeline_basic_get);

/// A wrong signature, judged to the end each time.
void pipeline_refused(benchmark::State& state) {
    Path path(false);
    std::string request = signed_get(1);
    char& c = request[request.find("Signature: kwik=:") + 20];
    c = c == 'A' ? 'B' : 'A';
    const AllocationCount allocations;
    for (auto _ : state)
        if (!path.judge(request, gateway::Step::refuse)) state.SkipWithError("let in");
    allocations.report(state);
}
BENCHMARK(pipeline_refused);

}  // namespace
}  // namespace kwikgate::bench
