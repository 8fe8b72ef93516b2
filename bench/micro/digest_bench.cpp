#include "auth/signature/content_digest.hpp"
#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"

namespace kwikgate::bench {
namespace {

void read_digest_field(benchmark::State& state) {
    const std::string text = signed_post(1, "{}");
    gateway::RequestContext context;
    parse_into(text, context);
    auth::DigestSet digests;
    const AllocationCount allocations;
    for (auto _ : state)
        if (auth::read_content_digest(context.view, digests) != auth::DigestFieldState::usable)
            state.SkipWithError("not usable");
    allocations.report(state);
}
BENCHMARK(read_digest_field);

void digest_body(benchmark::State& state) {
    const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
    auth::DigestSet digests;
    auth::Sha256 hash;
    hash.update(body);
    hash.finish(digests.sha256);
    digests.has_sha256 = true;
    auth::ContentDigest digest;
    const AllocationCount allocations;
    for (auto _ : state) {
        digest.start(digests);
        digest.update(body);
        if (!digest.finish()) state.SkipWithError("another digest");
    }
    allocations.report(state);
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(digest_body)->Arg(256)->Arg(1024)->Arg(64 * 1024)->Arg(1024 * 1024);

}  // namespace
}  // namespace kwikgate::bench
