#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"
#include "gateway/telemetry/access_log.hpp"
#include "gateway/telemetry/usage_recorder.hpp"
#include "store/clock.hpp"

namespace kwikgate::bench {
namespace {

/// Formatting a line, with its share of handing blocks over to the writer.
void access_log_line(benchmark::State& state) {
    World& world = World::with_tokens(1000);
    gateway::AccessLog log;
    if (!log.open("/dev/null").empty()) state.SkipWithError("no log");
    gateway::AccessLogBuffer buffer(log);
    const std::string text = signed_get(1);
    gateway::RequestContext context;
    parse_into(text, context);
    context.match = world.runtime().routes.match("GET", "/2.0/customers/list");
    context.route = context.match.route;
    context.request_id.assign("e7de30f26372e5333e5d79bead90277e");
    context.principal.id.assign("tok_0Vbt8WDu0m7vkUQf0vBrja");
    context.is_authenticated = true;
    context.status = 200;
    context.upstream_name = "kwik";
    context.server_name = "127.0.0.1:9000";
    context.started_at = std::chrono::steady_clock::now();
    context.upstream_begun_at = context.started_at + std::chrono::microseconds(12);
    context.upstream_head_at = context.started_at + std::chrono::microseconds(180);
    const auto ended = context.started_at + std::chrono::microseconds(200);
    const auto now = std::chrono::system_clock::now();
    const AllocationCount allocations;
    for (auto _ : state) buffer.append(context, "public", "203.0.113.7", now, ended);
    allocations.report(state);
}
BENCHMARK(access_log_line);

void record_usage(benchmark::State& state) {
    World& world = World::with_tokens(1000);
    gateway::UsageWriter writer(world.store());
    gateway::UsageRecorder recorder(writer);
    auth::Principal principal;
    principal.secret_generation = 1;
    const auto now = store::current_time();
    std::uint32_t number = 0;
    const AllocationCount allocations;
    for (auto _ : state) {
        principal.number = static_cast<auth::TokenNumber>(number++ % 100);
        recorder.record(principal, static_cast<auth::SectionId>(1), false, now);
    }
    allocations.report(state);
}
BENCHMARK(record_usage);

}  // namespace
}  // namespace kwikgate::bench
