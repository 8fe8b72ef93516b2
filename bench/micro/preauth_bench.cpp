#include "bench/micro/support/allocations.hpp"
#include "tests/support/preauth_work.hpp"

// Everything that a stranger can make the gateway do, at its worst. docs/threat-model.md has the
// list; tests/integration/test_preauth_cost.py holds each to a cost that is linear in its input.
namespace kwikgate::bench {
namespace {

void preauth(benchmark::State& state, const tests::PreauthWork& work) {
    const auto run = work.prepare(work.bytes);
    benchmark::DoNotOptimize(run());
    const AllocationCount allocations;
    for (auto _ : state) benchmark::DoNotOptimize(run());
    allocations.report(state);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(work.bytes));
}

const bool kRegistered = [] {
    for (const tests::PreauthWork& work : tests::preauth_works())
        benchmark::RegisterBenchmark(std::string(work.name).c_str(), preauth, work);
    return true;
}();

}  // namespace
}  // namespace kwikgate::bench
