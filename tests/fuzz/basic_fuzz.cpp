/// Claims: what is accepted as a value of Authorization has exactly one spelling: encoded again, it
/// gives the bytes that were sent.

#include <span>
#include <string>

#include "auth/base64.hpp"
#include "auth/basic/basic_credentials.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    const std::string_view value = fuzz::as_text(data, size);
    auth::SecretBytes<auth::kMaxBasicBytes> buffer;
    const auto parsed = auth::parse_basic(value, buffer);
    if (!parsed) return 0;
    fuzz::require(auth::is_basic_scheme(value), "the scheme is Basic");
    fuzz::require(parsed->api_key.find(':') == std::string_view::npos, "a key has no colon");
    const std::string plain = std::string(parsed->api_key) + ":" + std::string(parsed->api_secret);
    const std::string encoded = auth::encode_base64(
        std::span(reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size()));
    fuzz::require(value.ends_with(encoded), "one spelling");
    return 0;
}
