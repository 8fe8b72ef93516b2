/// A token as it lies in the store. Claims: any bytes give a token within its limits or an error,
/// and a token, written again, reads the same.

#include <span>

#include "store/token_record.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    const auto view = store::decode(std::as_bytes(std::span(data, size)));
    if (!view) return 0;
    (void)view->allows_address(store::IpAddress{});
    (void)view->allows_origin("https://shop.example");
    const store::TokenRecord record = view->to_record();
    const auto encoded = store::encode(record);
    fuzz::require(encoded.has_value(), "a token that was read can be written");
    const auto again = store::decode(*encoded);
    fuzz::require(again && again->to_record() == record, "a token reads the same");
    return 0;
}
