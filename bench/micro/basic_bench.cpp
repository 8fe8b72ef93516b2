#include "auth/authenticator.hpp"
#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"
#include "store/clock.hpp"

namespace kwikgate::bench {
namespace {

void authenticate(benchmark::State& state, std::uint64_t token, auth::Reason expected) {
    World& world = World::with_tokens(1000);
    store::Reader reader = world.reader();
    auth::BasicAuthenticator authenticator(reader, world.sealer());
    gateway::RequestContext context;
    const std::string text = basic_get(token);
    parse_into(text, context);
    const auto now = store::current_time();
    const AllocationCount allocations;
    for (auto _ : state) {
        const auto decision = authenticator.authenticate(context.view, now, context.principal);
        if (decision.reason != expected) state.SkipWithError("another verdict");
    }
    allocations.report(state);
}

void basic_right(benchmark::State& state) {
    authenticate(state, 1, auth::Reason::none);
}
BENCHMARK(basic_right);

void basic_unknown_key(benchmark::State& state) {
    authenticate(state, 1'000'000, auth::Reason::credential_invalid);
}
BENCHMARK(basic_unknown_key);

}  // namespace
}  // namespace kwikgate::bench
