// Whatever bytes the store holds, decoding gives a token, a usage or a day of it within its limits,
// or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "store/token_record.hpp"
#include "store/usage_codec.hpp"
#include "store/usage_day.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void check_usage(std::span<const std::byte> bytes) {
    namespace store = kwikgate::store;
    if (const auto usage = store::decode_usage(bytes)) {
        const auto encoded = store::encode_usage(*usage);
        const auto again = store::decode_usage(encoded);
        if (!again || store::encode_usage(*again) != encoded) std::abort();
    }
    const std::chrono::sys_days day{};
    if (auto usage = store::decode_usage_day(day, bytes)) {
        if (usage->sections.size() > store::kMaxSections) std::abort();
        const auto again = store::decode_usage_day(day, store::encode_usage_day(*usage));
        if (!again || !(*again == *usage)) std::abort();
        store::UsageDelta delta;
        delta.section = store::SectionId{9};
        delta.requests = 7;
        store::apply(*usage, delta);
        if (!store::decode_usage_day(day, store::encode_usage_day(*usage))) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    namespace store = kwikgate::store;
    const auto bytes = std::as_bytes(std::span<const uint8_t>(data, size));
    check_usage(bytes);
    const auto view = store::decode(bytes);
    if (!view) return 0;
    (void)view->allows_address(store::IpAddress{});
    (void)view->allows_origin("https://shop.example");
    const store::TokenRecord record = view->to_record();
    const auto encoded = store::encode(record);
    if (!encoded) std::abort();
    const auto again = store::decode(*encoded);
    if (!again || !(again->to_record() == record)) std::abort();
    return 0;
}
