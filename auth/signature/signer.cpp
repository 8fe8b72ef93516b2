#include "auth/signature/signer.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <vector>

#include "auth/ascii.hpp"
#include "auth/base64.hpp"
#include "auth/signature/content_digest.hpp"
#include "auth/signature/signature_base.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kMaxSigningBytes = 64 * 1024;

std::optional<std::string> quoted(std::string_view text) {
    std::string memory(text.size() * 2 + 2, '\0');
    BoundedText out(std::span<char>(memory.data(), memory.size()));
    if (!write_string(text, out)) return std::nullopt;
    return std::string(out.view());
}

std::string seconds(Timestamp time) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

void split_target(std::string_view target, RequestView& out) {
    out.target = target;
    const std::size_t mark = target.find('?');
    out.path = target.substr(0, mark);
    out.has_query = mark != std::string_view::npos;
    out.query = out.has_query ? target.substr(mark + 1) : std::string_view();
}

std::optional<std::string> parameters_of(const SigningInput& input) {
    const auto key_id = quoted(input.api_key);
    const auto nonce = quoted(input.nonce);
    if (!key_id || !nonce) return std::nullopt;
    std::string text = ";created=" + seconds(input.created) + ";keyid=" + *key_id;
    if (input.expires) text += ";expires=" + seconds(*input.expires);
    if (!input.nonce.empty()) text += ";nonce=" + *nonce;
    return text + ";alg=\"hmac-sha256\";tag=\"kwik\"";
}

}  // namespace

bool split_url(std::string_view url, std::string_view& scheme, std::string_view& authority,
               std::string_view& target) {
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos) return false;
    scheme = url.substr(0, colon);
    if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) return false;
    std::string_view rest = url.substr(colon + 3);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    authority = rest.substr(0, end);
    target = rest.substr(end);
    if (!is_visible_ascii(authority) || authority.empty()) return false;
    if (authority.find('@') != std::string_view::npos) return false;
    return std::none_of(target.begin(), target.end(),
                        [](char c) { return (c >= '\0' && c <= ' ') || c == '\x7f'; });
}

std::optional<SignedFields> sign_components(const RequestView& request, std::string_view label,
                                            std::string_view components,
                                            std::string_view parameters, const HmacKey& key) {
    SignedFields fields;
    fields.signature_input = std::string(label) + "=" + std::string(components);
    fields.signature_input += parameters;
    SignatureInput input;
    FieldParser parser(fields.signature_input);
    parser.start();
    if (!parser.more() || !read_signature_input(parser, input) || !parser.finished())
        return std::nullopt;
    if (input.fault != InputFault::none) return std::nullopt;
    std::vector<char> memory(kMaxSigningBytes);
    BoundedText base(memory);
    std::size_t faulty = 0;
    if (write_signature_base(request, input, base, faulty) != BaseFault::none) return std::nullopt;
    fields.base = std::string(base.view());
    HmacSha256 hmac(key.expose());
    hmac.update(fields.base);
    std::array<std::uint8_t, HmacSha256::kSize> mac;
    hmac.finish(mac);
    fields.signature = std::string(label) + "=:" + encode_base64(mac) + ":";
    return fields;
}

std::optional<SignedFields> sign_request(const SigningInput& input, const HmacKey& key) {
    RequestView request;
    request.method = input.method;
    std::string_view target;
    if (input.method.empty() || !split_url(input.url, request.scheme, request.authority, target))
        return std::nullopt;
    // The request line of a URL without a path asks for "/".
    const std::string whole =
        target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    split_target(whole, request);
    const auto parameters = parameters_of(input);
    if (!parameters) return std::nullopt;
    std::string digest;
    std::array<FieldLine, 1> lines;
    std::string components = R"(("@method" "@target-uri"))";
    if (input.body) {
        digest = content_digest_field(*input.body);
        lines[0] = FieldLine{"content-digest", digest, FieldName::content_digest};
        request.fields = lines;
        components = R"(("@method" "@target-uri" "content-digest"))";
    }
    auto fields = sign_components(request, input.label, components, *parameters, key);
    if (fields) fields->content_digest = digest;
    return fields;
}

std::string make_nonce() {
    std::array<std::uint8_t, 16> bytes;
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
    std::string text = encode_base64(bytes);
    text.resize(22);  // Without the padding.
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

}  // namespace kwikgate::auth
