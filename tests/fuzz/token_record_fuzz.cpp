// Whatever bytes the store holds, decoding gives a token within its limits or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "store/token_record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    namespace store = kwikgate::store;
    const auto view = store::decode(std::as_bytes(std::span<const uint8_t>(data, size)));
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
