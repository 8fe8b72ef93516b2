/// A token, a usage or a day of it, as they lie in the store. Claims: any bytes give a value within
/// its limits or an error, and a value, written again, reads the same.

#include <span>

#include "store/token_record.hpp"
#include "store/usage_codec.hpp"
#include "store/usage_day.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace kwikgate;
using fuzz::require;

void read_usage(std::span<const std::byte> bytes) {
    const auto usage = store::decode_usage(bytes);
    if (!usage) return;
    const auto encoded = store::encode_usage(*usage);
    const auto again = store::decode_usage(encoded);
    require(again && store::encode_usage(*again) == encoded, "usage reads the same");
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

void read_token(std::span<const std::byte> bytes) {
    const auto view = store::decode(bytes);
    if (!view) return;
    (void)view->allows_address(store::IpAddress{});
    (void)view->allows_origin("https://shop.example");
    const store::TokenRecord record = view->to_record();
    const auto encoded = store::encode(record);
    require(encoded.has_value(), "a token that was read can be written");
    const auto again = store::decode(*encoded);
    require(again && again->to_record() == record, "a token reads the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    read_usage(bytes);
    read_usage_day(bytes);
    read_token(bytes);
    return 0;
}
