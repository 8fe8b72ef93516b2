#include "auth/signature/coverage.hpp"

#include "auth/base64.hpp"

namespace kwikgate::auth {
namespace {

/// Reads the members one by one and leaves the eligible one in `out`.
Reason select_input(std::string_view field, SignatureInput& out) {
    std::array<std::string_view, kMaxSignatures> labels;
    std::size_t count = 0;
    const char* tagged = nullptr;
    bool tagged_twice = false;
    FieldParser parser(field);
    parser.start();
    while (parser.more()) {
        const char* const begin = parser.position();
        if (count == kMaxSignatures || !read_signature_input(parser, out))
            return Reason::credential_malformed;
        for (std::size_t i = 0; i < count; ++i)
            if (labels[i] == out.label) return Reason::credential_malformed;
        labels[count++] = out.label;
        if (out.has_tag && out.tag == kTag) {
            tagged_twice = tagged != nullptr;
            tagged = begin;
        }
    }
    if (!parser.finished() || count == 0) return Reason::credential_malformed;
    if (count == 1) return Reason::none;
    if (tagged == nullptr || tagged_twice) return Reason::credential_ambiguous;
    FieldParser again(field);
    again.rewind(tagged);
    return read_signature_input(again, out) ? Reason::none : Reason::credential_malformed;
}

/// Finds the value of `label`. Every label must stand once.
bool find_mac(std::string_view field, std::string_view label,
              std::array<std::uint8_t, kMacBytes>& mac) {
    bool is_found = false;
    std::size_t count = 0;
    FieldParser parser(field);
    parser.start();
    while (parser.more()) {
        std::string_view key;
        BareItem value;
        FieldParameter parameter;
        if (++count > kMaxSignatures || !parser.key(key) || !parser.equals() ||
            !parser.bare_item(value) || value.type != ItemType::byte_sequence)
            return false;
        while (parser.next_parameter(parameter)) continue;
        if (key != label) continue;
        if (is_found || decode_base64(value.raw, mac) != kMacBytes) return false;
        is_found = true;
    }
    return parser.finished() && is_found;
}

struct Coverage {
    bool method = false;
    bool target_uri = false;
    bool authority = false;
    bool request_target = false;
    bool path = false;
    bool query = false;
};

Coverage coverage_of(const SignatureInput& input) {
    Coverage covered;
    for (std::size_t i = 0; i < input.component_count; ++i) {
        switch (input.components[i].kind) {
            case ComponentKind::method:
                covered.method = true;
                break;
            case ComponentKind::target_uri:
                covered.target_uri = true;
                break;
            case ComponentKind::authority:
                covered.authority = true;
                break;
            case ComponentKind::request_target:
                covered.request_target = true;
                break;
            case ComponentKind::path:
                covered.path = true;
                break;
            case ComponentKind::query:
                covered.query = true;
                break;
            case ComponentKind::field:
            case ComponentKind::scheme:
            case ComponentKind::query_param:
                break;
        }
    }
    return covered;
}

bool covers_target(const RequestView& request, const Coverage& covered) {
    if (covered.target_uri) return true;
    if (!covered.authority) return false;
    if (covered.request_target) return true;
    if (!covered.path) return false;
    if (!request.has_query) return true;
    // "/a" and "/a?" have the same @query: only the whole target tells them apart.
    return covered.query && !request.query.empty();
}

}  // namespace

Reason select_signature(const RequestView& request, SignatureInput& out,
                        std::array<std::uint8_t, kMacBytes>& mac) {
    const FieldLine* input = nullptr;
    const FieldLine* signature = nullptr;
    bool is_repeated = false;
    for (const FieldLine& line : request.fields) {
        if (line.known == FieldName::signature_input) {
            is_repeated = is_repeated || input != nullptr;
            input = &line;
        } else if (line.known == FieldName::signature) {
            is_repeated = is_repeated || signature != nullptr;
            signature = &line;
        }
    }
    Reason reason = Reason::none;
    if (is_repeated) {
        reason = Reason::duplicate_field;
    } else if (input == nullptr || signature == nullptr) {
        reason = Reason::credential_missing;
    } else {
        reason = select_input(input->value, out);
        if (reason == Reason::none && !find_mac(signature->value, out.label, mac))
            reason = Reason::credential_malformed;
    }
    if (reason != Reason::none) out.key_id = {};
    return reason;
}

bool covers_content_digest(const SignatureInput& input) {
    for (std::size_t i = 0; i < input.component_count; ++i) {
        const Component& component = input.components[i];
        if (component.known == FieldName::content_digest && !component.has_key) return true;
    }
    return false;
}

Reason check_coverage(const RequestView& request, const SignatureInput& input,
                      Access route_access) {
    if (input.fault != InputFault::none) return Reason::credential_malformed;
    if (input.has_alg && input.alg != kAlgorithm) return Reason::credential_malformed;
    if (input.has_tag && input.tag != kTag) return Reason::credential_malformed;
    if (input.nonce.size() > kMaxNonceBytes) return Reason::credential_malformed;
    if (!input.has_created || !input.has_key_id) return Reason::signature_uncovered;
    const Coverage covered = coverage_of(input);
    if (!covered.method || !covers_target(request, covered)) return Reason::signature_uncovered;
    if (request.has_body && !covers_content_digest(input)) return Reason::signature_uncovered;
    if (route_access == Access::write && input.nonce.empty()) return Reason::nonce_missing;
    return Reason::none;
}

}  // namespace kwikgate::auth
