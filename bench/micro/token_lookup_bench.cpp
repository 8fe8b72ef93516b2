#include <vector>

#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"

namespace kwikgate::bench {
namespace {

/// A snapshot and a look-up, keys at random over all tokens.
void token_lookup(benchmark::State& state) {
    World& world = World::with_tokens(static_cast<std::uint64_t>(state.range(0)));
    store::Reader reader = world.reader();
    std::vector<std::string> keys;
    std::uint64_t number = 1;
    for (int i = 0; i < 65536; ++i) {
        number = number * 6364136223846793005ULL + 1442695040888963407ULL;
        keys.push_back(synthetic_token((number >> 20) % world.tokens()).api_key);
    }
    std::size_t i = 0;
    const AllocationCount allocations;
    for (auto _ : state) {
        const auto snapshot = reader.snapshot();
        const auto found = snapshot->token_by_key(keys[i]);
        if (!found || !*found) state.SkipWithError("not found");
        i = (i + 1) % keys.size();
    }
    allocations.report(state);
}
BENCHMARK(token_lookup)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

}  // namespace

void register_large_lookup() {
    benchmark::RegisterBenchmark("token_lookup_large", token_lookup)->Arg(10'000'000);
}

}  // namespace kwikgate::bench
