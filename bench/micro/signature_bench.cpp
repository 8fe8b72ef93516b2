#include "auth/signature/content_digest.hpp"
#include "auth/signature/sha2.hpp"
#include "auth/signature/signature_scheme.hpp"
#include "bench/micro/support/allocations.hpp"
#include "bench/micro/support/world.hpp"
#include "store/clock.hpp"

namespace kwikgate::bench {
namespace {

/// A signature end to end: input, coverage, base, look-up, AES-GCM open, HMAC; with a body also its
/// digest. `body_bytes` 0 is a GET.
void verify(benchmark::State& state, std::uint64_t token, std::size_t body_bytes,
            auth::Reason expected) {
    World& world = World::with_tokens(1000);
    store::Reader reader = world.reader();
    auth::SignatureAuthenticator authenticator(reader, world.sealer());
    const std::string body(body_bytes, 'x');
    const std::string text = body_bytes == 0 ? signed_get(token) : signed_post(token, body);
    const auto access = body_bytes == 0 ? auth::Access::read : auth::Access::write;
    gateway::RequestContext context;
    parse_into(text, context);
    auth::ContentDigest digest;
    const auto now = store::current_time();
    const AllocationCount allocations;
    for (auto _ : state) {
        const auto decision = authenticator.authenticate(context.view, access, now,
                                                         context.principal, context.signature);
        if (decision.reason != expected) state.SkipWithError("another verdict");
        if (body_bytes == 0) continue;
        digest.start(context.signature.digests);
        digest.update(body);
        if (!digest.finish()) state.SkipWithError("another digest");
    }
    allocations.report(state);
}

void signature_get(benchmark::State& state) {
    verify(state, 1, 0, auth::Reason::none);
}
BENCHMARK(signature_get);

void signature_unknown_key(benchmark::State& state) {
    verify(state, 1'000'000, 0, auth::Reason::credential_invalid);
}
BENCHMARK(signature_unknown_key);

void signature_post(benchmark::State& state) {
    verify(state, 1, static_cast<std::size_t>(state.range(0)), auth::Reason::none);
}
BENCHMARK(signature_post)->Arg(1024)->Arg(64 * 1024);

void open_sealed_key(benchmark::State& state) {
    World& world = World::with_tokens(1000);
    const auto sealed =
        world.sealer().seal(auth::derive_hmac_key("a secret of some length"), "tok_1");
    auth::HmacKey key;
    const AllocationCount allocations;
    for (auto _ : state)
        if (!world.sealer().open(*sealed, "tok_1", key)) state.SkipWithError("not opened");
    allocations.report(state);
}
BENCHMARK(open_sealed_key);

void hmac_sha256(benchmark::State& state) {
    const auth::HmacKey key = auth::derive_hmac_key("a secret of some length");
    const std::string base(static_cast<std::size_t>(state.range(0)), 'x');
    std::array<std::uint8_t, auth::HmacSha256::kSize> mac;
    const AllocationCount allocations;
    for (auto _ : state) {
        auth::HmacSha256 hmac(key.expose());
        hmac.update(base);
        hmac.finish(mac);
        benchmark::DoNotOptimize(mac);
    }
    allocations.report(state);
}
BENCHMARK(hmac_sha256)->Arg(240);

}  // namespace
}  // namespace kwikgate::bench
