// A refused signature in words: SignatureAuthenticator::report.

#include <algorithm>
#include <array>
#include <cstdlib>

#include "auth/ascii.hpp"
#include "auth/credential.hpp"
#include "auth/signature/coverage.hpp"
#include "auth/signature/signature_base.hpp"
#include "auth/signature/signature_scheme.hpp"
#include "auth/signature/workspace.hpp"
#include "auth/time_text.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kMaxQuoted = 64;

/// What a client sent, in quotes, cut where it is long.
std::string in_quotes(std::string_view text) {
    std::string out = "\"" + std::string(text.substr(0, kMaxQuoted));
    return out + (text.size() > kMaxQuoted ? "...\"" : "\"");
}

std::string_view value_of(const RequestView& request, FieldName name) {
    const FieldLine* line = request.find(name);
    return line == nullptr ? std::string_view() : line->value;
}

/// "byte 17 on, at "nonce=x""; `rest` is the end of the value.
std::string place_of(std::string_view rest, std::string_view value) {
    const std::string place = "byte " + std::to_string(value.size() - rest.size() + 1) + " on, ";
    return place + (rest.empty() ? "where it ends" : "at " + in_quotes(rest.substr(0, 24)));
}

/// Why base64 that ends at `rest` is none.
std::string base64_flaw(std::string_view rest) {
    if (rest.empty()) return "no colon ends it";
    if (rest.front() == ':') return "it is cut off, or its padding is wrong";
    return "it holds " + in_quotes(rest.substr(0, 1));
}

/// The number of bytes that base64 without faults stands for.
std::string length_of(std::string_view base64) {
    while (base64.ends_with('=')) base64.remove_suffix(1);
    return std::to_string(base64.size() * 3 / 4) + " bytes";
}

std::string seconds_text(std::chrono::milliseconds span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

std::string time_text(std::int64_t seconds) {
    constexpr std::int64_t kYear9999 = 253'402'300'799;
    const std::int64_t shown = std::clamp<std::int64_t>(seconds, 0, kYear9999);
    return std::to_string(seconds) + " (" +
           to_text(Timestamp(std::chrono::milliseconds(shown * 1000))) + ")";
}

std::string away_from(std::int64_t seconds, Timestamp now) {
    const auto gap = now - Timestamp(std::chrono::milliseconds(seconds * 1000));
    return seconds_text(gap < gap.zero() ? -gap : gap) +
           (gap < gap.zero() ? " ahead of" : " before") + " the gateway's clock, " + to_text(now);
}

std::string type_flaw(const SignatureInput& input) {
    const bool is_time = input.at_fault == "created" || input.at_fault == "expires";
    return std::string(input.at_fault) + (is_time ? " is not a whole number" : " is not in quotes");
}

/// A digest that is malformed, as far as it is short enough to be shown.
std::string digest_flaw(std::string_view sent) {
    return sent.empty() ? "it is empty" : in_quotes(sent);
}

std::string digest_difference(std::string_view sent, std::string_view found) {
    if (found.empty()) return {};
    return ": the body that arrived has " + std::string(found) + ", and " + std::string(sent) +
           " was sent";
}

std::string only_a_member(const SignatureInput& input) {
    for (std::size_t i = 0; i < input.component_count; ++i)
        if (input.components[i].known == FieldName::content_digest)
            return ": one member by ;key does not count";
    return {};
}

/// What is wrong with a key id by itself; the same for every key id of that form.
SignatureFault form_fault(std::string_view key_id) {
    if (looks_like_api_secret(key_id)) return SignatureFault::keyid_is_secret;
    if (public_key_form(key_id) == CredentialForm::generated)
        return SignatureFault::keyid_is_public_key;
    return api_key_form(key_id) == CredentialForm::mistyped ? SignatureFault::keyid_mistyped
                                                            : SignatureFault::signature_differs;
}

}  // namespace

SignatureReport SignatureAuthenticator::report(const RequestView& request,
                                               RefusedSignature& refused) {
    SignatureReport out;
    out.base = describe_base(request);  // Leaves the chosen input in the workspace.
    if (refused.fault == SignatureFault::signature_differs)
        refused.fault = form_fault(workspace_->key_id());
    out.words = in_words(refused.fault, particular(request, refused));
    return out;
}

/// What replaces `{}` in the words of the fault. The workspace holds the input that was chosen, or
/// what was read before the fault.
std::string SignatureAuthenticator::particular(const RequestView& request,
                                               const RefusedSignature& refused) {
    using enum SignatureFault;
    const SignatureInput& input = workspace_->input;
    const std::string_view sent_digest = value_of(request, FieldName::content_digest);
    switch (refused.fault) {
        case input_repeated:
            return std::to_string(request.count(FieldName::signature_input));
        case signature_repeated:
            return std::to_string(request.count(FieldName::signature));
        case input_unparsable:
            return place_of(input.at_fault, value_of(request, FieldName::signature_input));
        case signature_unparsable:
            return place_of(input.at_fault, value_of(request, FieldName::signature));
        case signature_not_base64:
            return base64_flaw(input.at_fault);
        case signature_length:
            return length_of(input.at_fault);
        case parameter_type:
            return type_flaw(input);
        case label_repeated:
        case signature_label_missing:
        case signature_label_repeated:
        case signature_not_bytes:
        case component_unknown:
        case component_name:
        case component_of_trailer:
        case component_of_request:
        case component_parameter:
        case component_repeated:
        case parameter_unknown:
        case parameter_repeated:
            return in_quotes(input.at_fault);
        case alg_unknown:
            return in_quotes(input.alg);
        case tag_unknown:
            return in_quotes(input.tag);
        case nonce_too_long:
            return std::to_string(input.nonce.size());
        case SignatureFault::nonce_replayed:
            return in_quotes(input.nonce);
        case target_uncovered:
            return std::string(uncovered_of_target(request, input));
        case digest_uncovered:
            return only_a_member(input);
        case digest_unparsable:
            return digest_flaw(sent_digest);
        case digest_without_body:
            return digest_difference(sent_digest, content_digest_field({}));
        case digest_differs:
            return digest_difference(sent_digest, refused.body_digest);
        case field_absent:
        case member_absent:
        case field_not_structured:
        case query_param_absent:
        case query_param_repeated:
        case value_not_text:
            return faulty_component(request);
        case created_in_milliseconds:
            return std::to_string(input.created);
        case created_ahead:
            return time_text(input.created) + ", " + away_from(input.created, refused.now) +
                   "; at most " + seconds_text(policy_.max_ahead) + " ahead are allowed";
        case created_too_old:
            return time_text(input.created) + ", " + away_from(input.created, refused.now) +
                   "; at most " + seconds_text(policy_.max_age) + " are allowed";
        case expires_passed:
            return time_text(input.expires) + ", " + away_from(input.expires, refused.now);
        default:
            return {};
    }
}

std::string SignatureAuthenticator::faulty_component(const RequestView& request) {
    BoundedText base(workspace_->memory);
    std::size_t faulty = 0;
    write_signature_base(request, workspace_->input, base, faulty);
    return identifier_of(workspace_->input, faulty);
}

}  // namespace kwikgate::auth
