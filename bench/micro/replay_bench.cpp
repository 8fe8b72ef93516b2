#include <atomic>
#include <memory>
#include <string>

#include "auth/replay_guard.hpp"
#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"

namespace kwikgate::bench {
namespace {

constexpr std::chrono::milliseconds kWindow{330'000};

/// A table whose clock is driven by the benchmark: as many nonces live as it is filled with.
struct Table {
    auth::ReplayGuard guard;
    std::atomic<std::uint64_t> next{0};
    std::size_t live;
    explicit Table(std::size_t entries) : guard(entries + entries / 4, kWindow), live(entries) {}

    auth::ReplayGuard::Verdict record(std::uint64_t number) {
        // `live` inserts pass in a window, so that as many are alive at any time.
        const auto now = auth::Timestamp{std::chrono::milliseconds{
            1'000'000'000'000 + static_cast<std::int64_t>(
                                    number * static_cast<std::uint64_t>(kWindow.count()) / live)}};
        char nonce[23] = "AAAAAAAAAAAAAAAAAAAAAA";
        for (std::uint64_t n = number, i = 0; n != 0; n >>= 4)
            nonce[i++] = "abcdefghijklmnop"[n & 15];
        char key[] = "API_KEY_AAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (std::uint64_t n = number % 1000, i = 8; n != 0; n >>= 4)
            key[i++] = "abcdefghijklmnop"[n & 15];
        // As a request does: hashed once, looked for, recorded.
        const auth::Hash128 identity = guard.identify({key, sizeof key - 1}, {nonce, 22});
        if (guard.holds(identity, now)) return auth::ReplayGuard::Verdict::replayed;
        const store::TokenNumber owner{static_cast<std::uint32_t>(number % 1000)};
        return guard.record({identity, owner, now, now + kWindow}, now, live);
    }
};

std::unique_ptr<Table> table;

void replay_insert(benchmark::State& state) {
    if (state.thread_index() == 0) {
        table = std::make_unique<Table>(static_cast<std::size_t>(state.range(0)));
        for (std::uint64_t i = 0; i < table->live; ++i) table->record(i);
        table->next = table->live;
    }
    // The threads wait for one another at the start of the loop.
    std::uint64_t number = 0;
    std::uint64_t end = 0;
    const AllocationCount allocations;
    for (auto _ : state) {
        if (number == end) {
            number = table->next.fetch_add(64);
            end = number + 64;
        }
        if (table->record(number++) != auth::ReplayGuard::Verdict::fresh)
            state.SkipWithError("not fresh");
    }
    allocations.report(state);
    if (state.thread_index() == 0) table.reset();
}
BENCHMARK(replay_insert)->Arg(100'000)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(replay_insert)->Arg(1'000'000)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace

/// 10 million entries take about 600 MB.
void register_large_replay() {
    benchmark::RegisterBenchmark("replay_insert_large", replay_insert)
        ->Arg(10'000'000)
        ->Threads(1)
        ->Threads(2)
        ->UseRealTime();
}

}  // namespace kwikgate::bench
