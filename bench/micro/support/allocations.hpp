#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>

namespace kwikgate::bench {

/// How often operator new ran in this thread so far: every one of the program is replaced by one
/// that counts.
std::uint64_t allocations();

/// Tells a benchmark's allocations per iteration as the counter `allocs/op`. Make it right before
/// the loop, call `report` right after.
class AllocationCount {
  public:
    AllocationCount() : before_(allocations()) {}
    void report(benchmark::State& state) const {
        state.counters["allocs/op"] = benchmark::Counter(
            static_cast<double>(allocations() - before_), benchmark::Counter::kAvgIterations);
    }

  private:
    std::uint64_t before_;
};

}  // namespace kwikgate::bench
