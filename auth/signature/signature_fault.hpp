#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auth/decision.hpp"
#include "auth/signature/signature_base.hpp"

namespace kwikgate::auth {

/// The first cause for which a signed request is refused. Finer than `Reason`: it is told to
/// whoever operates the gateway and to the holder of a test token. The enumerator is the `cause` in
/// every output and the row of docs/signing.md.
enum class SignatureFault : std::uint8_t {
    none,
    // The two fields.
    two_credentials,
    input_repeated,
    signature_repeated,
    fields_missing,
    input_missing,
    signature_missing,
    input_empty,
    input_unparsable,
    too_many_signatures,
    too_many_components,
    too_many_parameters,
    label_repeated,
    no_tagged_signature,
    several_tagged_signatures,
    signature_unparsable,
    signature_label_missing,
    signature_label_repeated,
    signature_not_bytes,
    signature_not_base64,
    signature_length,
    // What is covered, and how.
    component_unknown,
    component_name,
    component_of_trailer,
    component_of_request,
    component_parameter,
    component_repeated,
    parameter_unknown,
    parameter_repeated,
    parameter_type,
    alg_unknown,
    tag_unknown,
    nonce_too_long,
    created_missing,
    keyid_missing,
    method_uncovered,
    target_uncovered,
    digest_uncovered,
    field_uncovered,
    nonce_missing,
    // The digest and the signature base.
    digest_unparsable,
    digest_algorithm,
    digest_without_body,
    digest_differs,
    field_absent,
    member_absent,
    field_not_structured,
    query_param_absent,
    query_param_repeated,
    value_not_text,
    base_too_long,
    // The key.
    keyid_is_secret,
    keyid_is_public_key,
    keyid_mistyped,
    signature_differs,
    // Told by `kwikgate explain` alone: a client may not know which keys exist.
    key_unknown,
    message_differs,
    secret_differs,
    // Time and nonce.
    created_in_milliseconds,
    created_ahead,
    created_too_old,
    expires_passed,
    nonce_replayed,
};
inline constexpr std::size_t kSignatureFaultCount =
    static_cast<std::size_t>(SignatureFault::nonce_replayed) + 1;

/// One row of the table cause -> words. The texts hold nothing of a request but what `{}` in
/// `words` is replaced by.
struct SignatureFaultRow {
    SignatureFault fault;
    std::string_view token;   ///< Spelled as the enumerator.
    Reason reason;            ///< What the request is refused with.
    std::string_view words;   ///< What is wrong: one sentence, with at most one `{}`.
    std::string_view advice;  ///< What to do.
};

/// **Cost**: a load.
const SignatureFaultRow& row(SignatureFault fault);
std::span<const SignatureFaultRow> signature_fault_table();
inline Reason reason_of(SignatureFault fault) {
    return row(fault).reason;
}

SignatureFault signature_fault(InputFault fault);
SignatureFault signature_fault(BaseFault fault);

/// The words with `particular` in their place.
std::string in_words(SignatureFault fault, std::string_view particular);

/// True for a time that can only be meant in milliseconds: as seconds it lies after the year 5000.
constexpr bool looks_like_milliseconds(std::int64_t seconds) {
    return seconds > 100'000'000'000;
}

}  // namespace kwikgate::auth
