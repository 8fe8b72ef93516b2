#include <benchmark/benchmark.h>

#include <algorithm>
#include <string_view>

namespace kwikgate::bench {
void register_large_lookup();
void register_large_replay();
}  // namespace kwikgate::bench

/// Google Benchmark's options, and `--large`: what needs gigabytes of memory and minutes to set up.
int main(int argc, char** argv) {
    const auto end = argv + argc;
    const auto flag = std::find_if(
        argv, end, [](const char* text) { return text == std::string_view("--large"); });
    if (flag != end) {
        std::move(flag + 1, end, flag);
        --argc;
        kwikgate::bench::register_large_lookup();
        kwikgate::bench::register_large_replay();
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
