#include "bench/support/token_population.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>

#include "auth/base62.hpp"
#include "auth/credential.hpp"
#include "auth/section_catalogue.hpp"

namespace kwikgate::bench {
namespace {

constexpr std::uint64_t kBatch = 100'000;

/// Spreads neighbouring numbers over all of 64 bits (splitmix64).
std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// `size` base62 digits that follow from `seed`.
std::string digits(std::uint64_t seed, std::size_t size) {
    std::string text(size, '0');
    for (std::size_t at = 0; at < size; at += 11) {
        seed = mix(seed);
        auth::put_base62(seed, std::span(text).subspan(at, std::min<std::size_t>(11, size - at)));
    }
    return text;
}

store::TokenRecord make_record(std::uint64_t number, std::uint64_t rank, auth::SectionId section,
                               auth::Sealer& sealer) {
    const SyntheticToken token = synthetic_token(number);
    store::TokenRecord record;
    record.id = "tok_00000000" + std::string(14, '0');
    auth::put_base62(rank + 1, std::span(record.id).last(14));
    record.name = "token " + std::to_string(number);
    record.api_key = token.api_key;
    record.created_at = record.updated_at = store::Timestamp{std::chrono::milliseconds{1}};
    record.readable.add(section);
    record.writable.add(section);
    const auto sealed = sealer.seal(auth::derive_hmac_key(token.api_secret), record.id);
    if (!sealed) throw std::runtime_error("a secret cannot be sealed");
    record.secret.sealed_key = *sealed;
    record.secret.created_at = record.created_at;
    return record;
}

auth::SectionId section_of(store::Store& store) {
    const auto catalogue = auth::SectionCatalogue::load(store);
    const auto section =
        catalogue.has_value() ? catalogue->id("customers") : std::optional<auth::SectionId>();
    if (!section) throw std::runtime_error("the store has no section customers");
    return *section;
}

}  // namespace

SyntheticToken synthetic_token(std::uint64_t number) {
    SyntheticToken token;
    token.api_key = "kwk_live_ak_" + digits(number * 2 + 1, auth::kKeyBodyBytes);
    const std::string body = digits(~number, auth::kSecretBodyBytes);
    const auto checksum = auth::secret_checksum(body);
    token.api_secret = "kwk_live_sk_" + body + std::string(checksum.begin(), checksum.end());
    return token;
}

void add_synthetic_tokens(store::Store& store, auth::Sealer& sealer, std::uint64_t count,
                          const std::function<void(std::uint64_t)>& tell) {
    const auth::SectionId section = section_of(store);
    // In the order of their keys the tree fills page by page; at random it would rewrite itself.
    std::vector<std::pair<std::array<char, auth::kKeyBodyBytes>, std::uint32_t>> order(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string body = digits(i * 2 + 1, auth::kKeyBodyBytes);
        std::copy(body.begin(), body.end(), order[i].first.begin());
        order[i].second = static_cast<std::uint32_t>(i);
    }
    std::sort(order.begin(), order.end());
    for (std::uint64_t from = 0; from < count; from += kBatch) {
        const std::uint64_t to = std::min(count, from + kBatch);
        const auto written = store.write([&](store::Write& write) -> store::Result<void> {
            for (std::uint64_t rank = from; rank < to; ++rank) {
                auto record = make_record(order[rank].second, rank, section, sealer);
                if (auto inserted = write.insert_token(record); !inserted) return inserted;
            }
            return {};
        });
        if (!written && written.error() == store::Errc::already_exists)
            throw std::runtime_error("the store has such tokens already: make a new one");
        if (!written) throw std::runtime_error("store: " + written.error().message());
        if (tell) tell(to);
    }
}

}  // namespace kwikgate::bench
