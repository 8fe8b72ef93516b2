#include "auth/principal.hpp"
#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"
#include "gateway/pipeline/address_limiter.hpp"
#include "gateway/pipeline/rate_limiter.hpp"
#include "store/clock.hpp"

namespace kwikgate::bench {
namespace {

void authorize(benchmark::State& state) {
    auth::Principal principal;
    principal.status = auth::TokenStatus::live;
    principal.environment = auth::Environment::live;
    principal.scheme = auth::Scheme::signature;
    principal.address_allowed = true;
    principal.readable.add(static_cast<auth::SectionId>(3));
    principal.writable.add(static_cast<auth::SectionId>(3));
    auth::RouteRequirement route;
    route.section = static_cast<auth::SectionId>(3);
    route.access = auth::Access::write;
    route.schemes.add(auth::Scheme::signature);
    const auto now = store::current_time();
    const AllocationCount allocations;
    for (auto _ : state) {
        benchmark::DoNotOptimize(principal);
        const auto decision = auth::authorize(principal, route, now);
        if (!decision.allowed()) state.SkipWithError("refused");
    }
    allocations.report(state);
}
BENCHMARK(authorize);

gateway::RateLimiter limiter;

/// One thread a worker, all of one token: the worst case of sharing.
void rate_limit(benchmark::State& state) {
    const store::RateLimit limit{1'000'000, 1'000'000};
    std::uint64_t now = steady_nanoseconds();
    const AllocationCount allocations;
    for (auto _ : state) {
        now += 10'000;
        auto verdict = limiter.take(static_cast<store::TokenNumber>(7), limit, now);
        benchmark::DoNotOptimize(verdict);
    }
    allocations.report(state);
}
BENCHMARK(rate_limit)->Threads(1)->Threads(2)->UseRealTime();

void address_limit(benchmark::State& state) {
    const gateway::AddressLimiter addresses{gateway::AddressLimitConfig{}};
    store::IpAddress address;
    address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
    const std::uint64_t now = steady_nanoseconds();
    const AllocationCount allocations;
    for (auto _ : state) {
        auto verdict = addresses.check(address, now);
        benchmark::DoNotOptimize(verdict);
    }
    allocations.report(state);
}
BENCHMARK(address_limit);

}  // namespace
}  // namespace kwikgate::bench
