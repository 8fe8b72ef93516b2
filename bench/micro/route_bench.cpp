#include <vector>

#include "bench/micro/support/allocations.hpp"
#include "gateway/pipeline/route_table.hpp"

namespace kwikgate::bench {
namespace {

/// `range(0)` routes in families of a literal, a literal below it and a parameter; every one is
/// asked for in turn.
void match_route(benchmark::State& state) {
    gateway::RouteTable table;
    std::vector<std::string> paths;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        const std::string base = "/2.0/resource-" + std::to_string(i);
        gateway::Route route;
        route.method = "GET";
        route.pattern = i % 2 == 0 ? base + "/list" : base + "/record/{reference}";
        table.add(route);
        paths.push_back(i % 2 == 0 ? base + "/list" : base + "/record/abc-123");
    }
    table.finish();
    std::size_t i = 0;
    const AllocationCount allocations;
    for (auto _ : state) {
        const auto match = table.match("GET", paths[i]);
        if (match.route == nullptr) state.SkipWithError("no route");
        if (++i == paths.size()) i = 0;
    }
    allocations.report(state);
}
BENCHMARK(match_route)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);

/// A parameter beside a literal with other rights, asked for in several spellings: a plain one is
/// not looked at, an escape has a few readings, and the last one is the most that a request line of
/// 8 KiB can ask for.
void match_reading(benchmark::State& state) {
    gateway::RouteTable table;
    for (const char* pattern : {"/item/{id}", "/item/export", "/r/*"}) {
        gateway::Route route;
        route.method = "GET";
        route.pattern = pattern;
        route.rights = pattern == std::string_view("/item/export") ? 1 : 0;
        table.add(route);
    }
    table.finish();
    std::string worst = "/r";
    while (worst.size() < 8000) worst += "/%2541;A%3bB%253bC%255c";
    const std::vector<std::string> paths = {"/item/abc-123", "/item/abc%20123", worst};
    const std::string& path = paths[static_cast<std::size_t>(state.range(0))];
    const AllocationCount allocations;
    for (auto _ : state) {
        auto match = table.match("GET", path);
        benchmark::DoNotOptimize(match);
    }
    allocations.report(state);
}
BENCHMARK(match_reading)->DenseRange(0, 2);

}  // namespace
}  // namespace kwikgate::bench
