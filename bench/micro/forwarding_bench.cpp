#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"
#include "gateway/http/forwarding.hpp"
#include "gateway/http/request_id.hpp"
#include "gateway/http/response_parser.hpp"
#include "gateway/http/trace_context.hpp"

namespace kwikgate::bench {
namespace {

namespace http = gateway::http;

void rewrite_request_head(benchmark::State& state) {
    const std::string text = signed_get(1);
    gateway::RequestContext request;
    parse_into(text, request);
    request.principal.id.assign("tok_0Vbt8WDu0m7vkUQf0vBrja");
    http::ForwardingContext context;
    context.request_id = "e7de30f26372e5333e5d79bead90277e";
    context.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    context.client_address = "203.0.113.7";
    context.scheme = "https";
    context.forwarded_host = request.head.authority;
    context.principal = &request.principal;
    context.section = "customers";
    context.method = "GET";
    std::string out;
    http::write_upstream_request_head(request.head, context, out);
    const AllocationCount allocations;
    for (auto _ : state) {
        http::write_upstream_request_head(request.head, context, out);
        benchmark::DoNotOptimize(out.data());
    }
    allocations.report(state);
}
BENCHMARK(rewrite_request_head);

void rewrite_answer_head(benchmark::State& state) {
    http::ResponseHead head;
    std::size_t resume_at = 0;
    http::parse_response_head(kAnswerHead, {32768, 32768, 200}, false, resume_at, head);
    http::ResponseForwarding context;
    context.request_id = "e7de30f26372e5333e5d79bead90277e";
    context.framing = http::BodyFraming::content_length;
    context.content_length = 200;
    context.has_content_length = true;
    std::string out;
    http::write_downstream_response_head(head, context, out);
    const AllocationCount allocations;
    for (auto _ : state) {
        http::write_downstream_response_head(head, context, out);
        benchmark::DoNotOptimize(out.data());
    }
    allocations.report(state);
}
BENCHMARK(rewrite_answer_head);

void request_and_trace_id(benchmark::State& state) {
    http::IdSource source;
    http::RequestId id;
    http::Traceparent trace;
    const AllocationCount allocations;
    for (auto _ : state) {
        http::assign_request_id({}, source, id);
        http::continue_trace({}, source, trace);
        benchmark::DoNotOptimize(id);
        benchmark::DoNotOptimize(trace);
    }
    allocations.report(state);
}
BENCHMARK(request_and_trace_id);

}  // namespace
}  // namespace kwikgate::bench
