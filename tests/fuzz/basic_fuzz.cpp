#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/base64.hpp"
#include "auth/basic/basic_credentials.hpp"

// Any bytes as the value of an Authorization field: no crash, and what is accepted has exactly one
// spelling: encoding it again gives the bytes that were sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate::auth;
    const std::string_view value(reinterpret_cast<const char*>(data), size);
    SecretBytes<kMaxBasicBytes> buffer;
    const auto parsed = parse_basic(value, buffer);
    if (!parsed) return 0;
    if (!is_basic_scheme(value)) std::abort();
    if (parsed->api_key.find(':') != std::string_view::npos) std::abort();
    const std::string plain = std::string(parsed->api_key) + ":" + std::string(parsed->api_secret);
    const std::string encoded =
        encode_base64(std::span(reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size()));
    if (!value.ends_with(encoded)) std::abort();
    return 0;
}
