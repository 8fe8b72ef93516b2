/// What lies in the store beside tokens, and the file of the replay table. The first byte chooses
/// which. Claims: any bytes give a value or an error, and a value, written again, reads the same.

#include <string>

#include "auth/replay_file.hpp"
#include "auth/signature/sha2.hpp"
#include "store/audit_codec.hpp"
#include "store/usage_codec.hpp"
#include "store/usage_day.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace kwikgate;
using fuzz::require;

void read_usage(std::span<const std::byte> bytes) {
    const auto usage = store::decode_usage(bytes);
    if (!usage) return;
    const auto written = store::encode_usage(*usage);
    const auto again = store::decode_usage(written);
    require(again.has_value() && store::encode_usage(*again) == written, "usage reads the same");
}

void read_usage_day(std::span<const std::byte> bytes) {
    const std::chrono::sys_days day{};
    auto usage = store::decode_usage_day(day, bytes);
    if (!usage) return;
    require(usage->sections.size() <= store::kMaxSections, "bounded");
    const auto again = store::decode_usage_day(day, store::encode_usage_day(*usage));
    require(again && *again == *usage, "a day of usage reads the same");
    store::UsageDelta delta;
    delta.section = store::SectionId{9};
    delta.requests = 7;
    store::apply(*usage, delta);
    require(store::decode_usage_day(day, store::encode_usage_day(*usage)).has_value(),
            "a day takes another request");
}

void read_audit(std::span<const std::byte> bytes) {
    const auto entry = store::decode_audit(7, bytes);
    if (!entry) return;
    const auto written = store::encode_audit(*entry);
    require(written.has_value(), "an audit entry that was read can be written");
    const auto again = store::decode_audit(7, *written);
    require(again.has_value() && again->sequence == 7 && again->at == entry->at &&
                again->actor == entry->actor && again->action == entry->action &&
                again->token_id == entry->token_id && again->before == entry->before &&
                again->after == entry->after,
            "an audit entry reads the same");
}

void read_admin_key(std::span<const std::byte> bytes) {
    const auto key = store::decode_admin_key(bytes);
    if (!key) return;
    const auto written = store::encode_admin_key(*key);
    require(written.has_value(), "a key that was read can be written");
    const auto again = store::decode_admin_key(*written);
    require(again.has_value() && again->id == key->id && again->role == key->role &&
                again->key_sha256 == key->key_sha256,
            "a key reads the same");
}

void read_replay_file(std::string bytes) {
    constexpr std::size_t kMaxEntries = 50;
    using Outcome = auth::ReplayGuard::LoadOutcome;
    auth::ReplayFileContent content;
    require(auth::decode_replay_file(bytes, kMaxEntries, content) != Outcome::loaded ||
                bytes.size() >= auth::Sha256::kSize,
            "nothing is read without a checksum");
    // With the right checksum behind it: nobody guesses that.
    auth::Sha256 hash;
    hash.update(bytes);
    std::array<std::uint8_t, auth::Sha256::kSize> sum{};
    hash.finish(sum);
    bytes.append(reinterpret_cast<const char*>(sum.data()), sum.size());
    if (auth::decode_replay_file(bytes, kMaxEntries, content) != Outcome::loaded) return;
    require(content.entries.size() <= kMaxEntries, "bounded");
    auth::ReplayFileContent again;
    require(auth::decode_replay_file(auth::encode_replay_file(content), kMaxEntries, again) ==
                    Outcome::loaded &&
                again.key == content.key && again.saved_at == content.saved_at &&
                again.distrusted_until == content.distrusted_until && again.life == content.life &&
                again.entries.size() == content.entries.size(),
            "the replay table reads the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::as_text(data, size);
    const std::size_t kind = fuzz::take_byte(text) % 5;
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    if (kind == 0) read_usage(bytes);
    if (kind == 1) read_audit(bytes);
    if (kind == 2) read_admin_key(bytes);
    if (kind == 3) read_replay_file(std::string(text));
    if (kind == 4) read_usage_day(bytes);
    return 0;
}
