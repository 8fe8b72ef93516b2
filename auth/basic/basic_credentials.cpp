#include "auth/basic/basic_credentials.hpp"

#include "auth/ascii.hpp"
#include "auth/base64.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::string_view kScheme = "basic";

/// What follows the scheme and its spaces; empty when another scheme is named.
std::string_view parameters_of_basic(std::string_view authorization) {
    if (authorization.size() <= kScheme.size()) return {};
    if (!equal_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return {};
    std::string_view rest = authorization.substr(kScheme.size());
    if (rest.front() != ' ') return {};
    const std::size_t start = rest.find_first_not_of(' ');
    return start == std::string_view::npos ? std::string_view() : rest.substr(start);
}

}  // namespace

bool is_basic_scheme(std::string_view authorization) {
    return !parameters_of_basic(authorization).empty();
}

std::optional<BasicCredentials> parse_basic(std::string_view authorization,
                                            SecretBytes<kMaxBasicBytes>& buffer) {
    const std::string_view encoded = parameters_of_basic(authorization);
    // Looked at before it is decoded, so that a header of any length costs no more than this.
    if (encoded.empty() || encoded.size() > base64_size(kMaxBasicBytes)) return std::nullopt;
    const auto bytes = buffer.expose_mutable();
    const auto size = decode_base64(encoded, bytes);
    if (!size) return std::nullopt;
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    const std::string_view decoded(text, *size);
    const std::size_t colon = decoded.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    return BasicCredentials{decoded.substr(0, colon), decoded.substr(colon + 1)};
}

}  // namespace kwikgate::auth
