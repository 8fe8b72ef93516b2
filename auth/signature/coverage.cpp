#include "auth/signature/coverage.hpp"

#include "auth/ascii.hpp"
#include "auth/base64.hpp"

namespace kwikgate::auth {
namespace {

/// What of a field follows the place where its reading ended.
std::string_view rest_at(std::string_view field, const FieldParser& parser) {
    return field.substr(static_cast<std::size_t>(parser.position() - field.data()));
}

/// Reads the members one by one and leaves the eligible one in `out`.
SignatureFault select_input(std::string_view field, SignatureInput& out) {
    std::array<std::string_view, kMaxSignatures> labels;
    std::size_t count = 0;
    const char* tagged = nullptr;
    bool tagged_twice = false;
    FieldParser parser(field);
    parser.start();
    while (parser.more()) {
        const char* const begin = parser.position();
        if (count == kMaxSignatures) return SignatureFault::too_many_signatures;
        if (!read_signature_input(parser, out)) {
            out.at_fault = rest_at(field, parser);
            return signature_fault(out.fault);
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (labels[i] != out.label) continue;
            out.at_fault = out.label;
            return SignatureFault::label_repeated;
        }
        labels[count++] = out.label;
        if (out.has_tag && out.tag == kTag) {
            tagged_twice = tagged != nullptr;
            tagged = begin;
        }
    }
    if (!parser.finished()) {
        out.at_fault = rest_at(field, parser);
        return SignatureFault::input_unparsable;
    }
    if (count == 0) return SignatureFault::input_empty;
    if (count == 1) return SignatureFault::none;
    if (tagged == nullptr) return SignatureFault::no_tagged_signature;
    if (tagged_twice) return SignatureFault::several_tagged_signatures;
    FieldParser again(field);
    again.rewind(tagged);
    return read_signature_input(again, out) ? SignatureFault::none
                                            : SignatureFault::input_unparsable;
}

/// Reads the members of Signature and decodes the one that has the label of the chosen input.
class MacFinder {
  public:
    MacFinder(std::string_view field, SignatureInput& input,
              std::array<std::uint8_t, kMacBytes>& mac)
        : field_(field), input_(input), mac_(mac), parser_(field) {}

    SignatureFault find() {
        std::size_t count = 0;
        parser_.start();
        while (parser_.more()) {
            if (++count > kMaxSignatures) return SignatureFault::too_many_signatures;
            if (const SignatureFault fault = member(); fault != SignatureFault::none) return fault;
        }
        if (!parser_.finished()) return at_parser(SignatureFault::signature_unparsable);
        if (is_found_) return SignatureFault::none;
        input_.at_fault = input_.label;
        return SignatureFault::signature_label_missing;
    }

  private:
    SignatureFault at_parser(SignatureFault fault) {
        input_.at_fault = rest_at(field_, parser_);
        return fault;
    }

    SignatureFault member() {
        std::string_view label;
        BareItem value;
        FieldParameter parameter;
        if (!parser_.key(label) || !parser_.equals())
            return at_parser(SignatureFault::signature_unparsable);
        const bool is_bytes = rest_at(field_, parser_).starts_with(':');
        if (!parser_.bare_item(value))
            return at_parser(is_bytes ? SignatureFault::signature_not_base64
                                      : SignatureFault::signature_unparsable);
        if (value.type != ItemType::byte_sequence) {
            input_.at_fault = value.raw;
            return SignatureFault::signature_not_bytes;
        }
        while (parser_.next_parameter(parameter)) continue;
        return label == input_.label ? take(value) : SignatureFault::none;
    }

    SignatureFault take(const BareItem& value) {
        if (is_found_) {
            input_.at_fault = input_.label;
            return SignatureFault::signature_label_repeated;
        }
        if (decode_byte_sequence(value.raw, mac_) != kMacBytes) {
            input_.at_fault = value.raw;
            return SignatureFault::signature_length;
        }
        is_found_ = true;
        return SignatureFault::none;
    }

    std::string_view field_;
    SignatureInput& input_;
    std::array<std::uint8_t, kMacBytes>& mac_;
    FieldParser parser_;
    bool is_found_ = false;
};

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

/// What is missing of the target; empty when it is covered.
std::string_view missing_of_target(const RequestView& request, const Coverage& covered) {
    if (covered.target_uri || (covered.authority && covered.request_target)) return {};
    if (!covered.authority)
        return covered.path || covered.request_target ? "@authority" : "the target";
    if (!covered.path) return covered.query ? "@path" : "@path or @request-target";
    if (!request.has_query) return {};
    // An empty query is one: "/a" and "/a?" have the same @query (RFC 9421, 2.2.7), and whoever
    // wants them told apart covers the whole target.
    return covered.query ? "" : "@query";
}

bool is_there(const RequestView& request, const WantedField& field) {
    for (const FieldLine& line : request.fields)
        if (line.known == field.known &&
            (line.known != FieldName::other || equal_ignoring_case(line.name, field.name)))
            return true;
    return false;
}

/// As a whole: one member of it (`key`) is not the field.
bool covers_field(const SignatureInput& input, std::string_view lower_name) {
    for (std::size_t i = 0; i < input.component_count; ++i) {
        const Component& component = input.components[i];
        if (component.kind == ComponentKind::field && !component.has_key &&
            component.name == lower_name)
            return true;
    }
    return false;
}

}  // namespace

SignatureFault select_signature(const RequestView& request, SignatureInput& out,
                                std::array<std::uint8_t, kMacBytes>& mac) {
    const FieldLine* input = nullptr;
    const FieldLine* signature = nullptr;
    bool is_input_repeated = false;
    bool is_signature_repeated = false;
    for (const FieldLine& line : request.fields) {
        if (line.known == FieldName::signature_input) {
            is_input_repeated = is_input_repeated || input != nullptr;
            input = &line;
        } else if (line.known == FieldName::signature) {
            is_signature_repeated = is_signature_repeated || signature != nullptr;
            signature = &line;
        }
    }
    SignatureFault fault = SignatureFault::none;
    if (is_input_repeated) {
        fault = SignatureFault::input_repeated;
    } else if (is_signature_repeated) {
        fault = SignatureFault::signature_repeated;
    } else if (input == nullptr) {
        fault =
            signature == nullptr ? SignatureFault::fields_missing : SignatureFault::input_missing;
    } else if (signature == nullptr) {
        fault = SignatureFault::signature_missing;
    } else {
        fault = select_input(input->value, out);
        if (fault == SignatureFault::none) fault = MacFinder(signature->value, out, mac).find();
    }
    if (fault != SignatureFault::none) out.key_id = {};
    return fault;
}

bool covers_content_digest(const SignatureInput& input) {
    for (std::size_t i = 0; i < input.component_count; ++i) {
        const Component& component = input.components[i];
        if (component.known == FieldName::content_digest && !component.has_key) return true;
    }
    return false;
}

SignatureFault check_coverage(const RequestView& request, const SignatureInput& input,
                              Access route_access, std::span<const WantedField> wanted) {
    if (input.fault != InputFault::none) return signature_fault(input.fault);
    if (input.has_alg && input.alg != kAlgorithm) return SignatureFault::alg_unknown;
    if (input.has_tag && input.tag != kTag) return SignatureFault::tag_unknown;
    if (input.nonce.size() > kMaxNonceBytes) return SignatureFault::nonce_too_long;
    if (!input.has_created) return SignatureFault::created_missing;
    if (!input.has_key_id) return SignatureFault::keyid_missing;
    const Coverage covered = coverage_of(input);
    if (!covered.method) return SignatureFault::method_uncovered;
    if (!missing_of_target(request, covered).empty()) return SignatureFault::target_uncovered;
    if (request.has_body && !covers_content_digest(input)) return SignatureFault::digest_uncovered;
    if (!uncovered_of_wanted(request, input, wanted).empty())
        return SignatureFault::field_uncovered;
    if (route_access == Access::write && input.nonce.empty()) return SignatureFault::nonce_missing;
    return SignatureFault::none;
}

std::string_view uncovered_of_target(const RequestView& request, const SignatureInput& input) {
    return missing_of_target(request, coverage_of(input));
}

std::string_view uncovered_of_wanted(const RequestView& request, const SignatureInput& input,
                                     std::span<const WantedField> wanted) {
    for (const WantedField& field : wanted)
        if (!covers_field(input, field.name) && is_there(request, field)) return field.name;
    return {};
}

std::string_view accept_signature_field(const RequestView& request,
                                        std::span<const WantedField> wanted, std::string& room) {
    if (wanted.empty())
        return request.has_body
                   ? R"(kwik=("@method" "@target-uri" "content-digest");created;tag="kwik")"
                   : R"(kwik=("@method" "@target-uri");created;tag="kwik")";
    room = R"(kwik=("@method" "@target-uri")";
    if (request.has_body) room += R"( "content-digest")";
    for (const WantedField& field : wanted)
        if (is_there(request, field)) room.append(" \"").append(field.name).append("\"");
    room += R"();created;tag="kwik")";
    return room;
}

}  // namespace kwikgate::auth
