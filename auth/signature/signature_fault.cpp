#include "auth/signature/signature_fault.hpp"

#include <array>

namespace kwikgate::auth {
namespace {

using enum SignatureFault;

struct Rows {
    std::array<SignatureFaultRow, kSignatureFaultCount> row{};
    std::size_t size = 0;

    constexpr void add(SignatureFault fault, std::string_view token, Reason reason,
                       std::string_view words, std::string_view advice) {
        row[size++] = SignatureFaultRow{fault, token, reason, words, advice};
    }
};

constexpr void add_fields(Rows& t) {
    constexpr Reason kMalformed = Reason::credential_malformed;
    t.add(two_credentials, "two_credentials", Reason::credential_ambiguous,
          "The request has Authorization and a signature", "Send one of the two.");
    t.add(input_repeated, "input_repeated", Reason::duplicate_field,
          "Signature-Input stands on {} lines",
          "Send one line. Several signatures are members of one field, separated by commas.");
    t.add(signature_repeated, "signature_repeated", Reason::duplicate_field,
          "Signature stands on {} lines",
          "Send one line. Several signatures are members of one field, separated by commas.");
    t.add(fields_missing, "fields_missing", Reason::credential_missing,
          "The request has neither Signature-Input nor Signature", "Send both fields.");
    t.add(input_missing, "input_missing", kMalformed,
          "The request has Signature, but no Signature-Input",
          "Send both fields, and let no proxy remove one.");
    t.add(signature_missing, "signature_missing", kMalformed,
          "The request has Signature-Input, but no Signature",
          "Send both fields, and let no proxy remove one.");
    t.add(input_empty, "input_empty", kMalformed, "Signature-Input is empty",
          "Write kwik=(\"@method\" \"@target-uri\");created=...;keyid=\"...\".");
    t.add(input_unparsable, "input_unparsable", kMalformed,
          "Signature-Input cannot be read from {}",
          "Components and text parameters stand in double quotes, numbers do not; nothing "
          "follows the last parameter.");
    t.add(too_many_signatures, "too_many_signatures", kMalformed,
          "The request has more than 4 signatures", "Send at most 4 signatures.");
    t.add(too_many_components, "too_many_components", kMalformed,
          "A signature covers more than 32 components", "Cover at most 32 components.");
    t.add(too_many_parameters, "too_many_parameters", kMalformed,
          "A signature has more than 8 parameters, or a component more than 4",
          "Leave out the parameters that the profile does not name.");
    t.add(label_repeated, "label_repeated", kMalformed, "Signature-Input has the label {} twice",
          "Give each signature a label of its own.");
    t.add(no_tagged_signature, "no_tagged_signature", Reason::credential_ambiguous,
          "The request has several signatures, and none has tag=\"kwik\"",
          "Add tag=\"kwik\" to the signature that is for the gateway.");
    t.add(several_tagged_signatures, "several_tagged_signatures", Reason::credential_ambiguous,
          "More than one signature has tag=\"kwik\"", "Leave tag=\"kwik\" on one signature only.");
    t.add(signature_unparsable, "signature_unparsable", kMalformed,
          "Signature cannot be read from {}",
          "Write the label, an equals sign, and the base64 between colons: kwik=:...:.");
    t.add(signature_label_missing, "signature_label_missing", kMalformed,
          "Signature has no member with the label {} of Signature-Input",
          "Use the same label in both fields.");
    t.add(signature_label_repeated, "signature_label_repeated", kMalformed,
          "Signature has the label {} twice", "Give each signature a label of its own.");
    t.add(signature_not_bytes, "signature_not_bytes", kMalformed,
          "The value of Signature is {}, not base64 between colons",
          "Write kwik=:...:, with a colon before and behind the base64.");
    t.add(signature_not_base64, "signature_not_base64", kMalformed,
          "The value of Signature is not base64: {}",
          "Use the standard alphabet with + and /, not that of URLs, on one line.");
    t.add(signature_length, "signature_length", kMalformed,
          "The signature has {}, and an HMAC-SHA256 has 32",
          "Encode the 32 bytes of the HMAC in base64, not their hexadecimal text.");
}

constexpr void add_coverage(Rows& t) {
    constexpr Reason kMalformed = Reason::credential_malformed;
    constexpr Reason kUncovered = Reason::signature_uncovered;
    t.add(component_unknown, "component_unknown", kMalformed, "A request has no component {}",
          "Cover components of requests, in lower case.");
    t.add(component_name, "component_name", kMalformed,
          "The component {} is not a field name in lower case",
          "Write field names in lower case, without a colon.");
    t.add(component_of_trailer, "component_of_trailer", kMalformed,
          "The component {} is taken from a trailer (;tr)", "Cover header fields, not trailers.");
    t.add(component_of_request, "component_of_request", kMalformed,
          "The component {} has ;req, which is for responses", "Leave ;req out.");
    t.add(component_parameter, "component_parameter", kMalformed,
          "A parameter of the component {} is unknown, repeated or not allowed there",
          "Fields take sf, bs or key=\"...\"; @query-param takes name=\"...\".");
    t.add(component_repeated, "component_repeated", kMalformed, "The component {} is covered twice",
          "Cover each component once.");
    t.add(parameter_unknown, "parameter_unknown", kMalformed,
          "The signature parameter {} is unknown",
          "Use created, keyid, nonce, expires, alg and tag.");
    t.add(parameter_repeated, "parameter_repeated", kMalformed,
          "The signature parameter {} stands twice", "Write each parameter once.");
    t.add(parameter_type, "parameter_type", kMalformed, "The signature parameter {}",
          "created and expires are whole numbers without quotes; the others stand in double "
          "quotes.");
    t.add(alg_unknown, "alg_unknown", kMalformed, "alg is {}",
          "Write alg=\"hmac-sha256\", or leave it out.");
    t.add(tag_unknown, "tag_unknown", kMalformed, "tag is {}",
          "Write tag=\"kwik\", or leave it out.");
    t.add(nonce_too_long, "nonce_too_long", kMalformed, "The nonce has {} characters",
          "Use 1 to 128 characters.");
    t.add(created_missing, "created_missing", kUncovered, "The signature has no created",
          "Add created, in seconds since 1970.");
    t.add(keyid_missing, "keyid_missing", kUncovered, "The signature has no keyid",
          "Add keyid with the API_KEY.");
    t.add(method_uncovered, "method_uncovered", kUncovered, "The signature does not cover @method",
          "Cover @method.");
    t.add(target_uncovered, "target_uncovered", kUncovered, "The signature does not cover {}",
          "Cover @target-uri; or @authority and @request-target; or @authority, @path and, where "
          "there is a query, @query.");
    t.add(digest_uncovered, "digest_uncovered", kUncovered,
          "The request has a body, and the signature does not cover content-digest{}",
          "Send Content-Digest and cover the whole field.");
    t.add(field_uncovered, "field_uncovered", kUncovered,
          "The request has a field that the route wants covered, and the signature does not cover "
          "it",
          "Cover the fields that Accept-Signature of the answer names, each as a whole.");
    t.add(SignatureFault::nonce_missing, "nonce_missing", Reason::nonce_missing,
          "The route writes, and the signature has no nonce",
          "Add a nonce that was never used before.");
}

constexpr void add_message(Rows& t) {
    constexpr Reason kMismatch = Reason::digest_mismatch;
    constexpr Reason kInvalid = Reason::credential_invalid;
    t.add(digest_unparsable, "digest_unparsable", kMismatch, "Content-Digest cannot be read: {}",
          "Write sha-256=:...: with the base64 of the 32 bytes between colons.");
    t.add(digest_algorithm, "digest_algorithm", Reason::signature_uncovered,
          "Content-Digest has neither sha-256 nor sha-512", "Add sha-256 or sha-512.");
    t.add(digest_without_body, "digest_without_body", kMismatch,
          "No body arrived, and Content-Digest is not that of an empty one{}",
          "Send the body that was signed, or sign without one.");
    t.add(digest_differs, "digest_differs", kMismatch,
          "Content-Digest is not the digest of the body{}",
          "Compute the digest over the bytes that are sent, after all serialisation.");
    t.add(field_absent, "field_absent", kInvalid,
          "The signature covers {}, and the request as received has no such field",
          "Send the field, or do not cover it. A proxy may have removed it.");
    t.add(member_absent, "member_absent", kInvalid,
          "The signature covers {}, and the field is no dictionary with that member",
          "Cover a member that the field has.");
    t.add(field_not_structured, "field_not_structured", kInvalid,
          "The signature covers {}, and the field is not known as a structured field or is not "
          "well-formed",
          "Leave ;sf out, or send the field well-formed.");
    t.add(query_param_absent, "query_param_absent", kInvalid,
          "The signature covers {}, and the query has no such parameter",
          "Cover a parameter that the query has.");
    t.add(query_param_repeated, "query_param_repeated", kInvalid,
          "The signature covers {}, and the query has that parameter more than once",
          "Cover @query instead.");
    t.add(value_not_text, "value_not_text", kInvalid,
          "The value of {} holds control characters or is not UTF-8",
          "Send text, or cover the field with ;bs.");
    t.add(base_too_long, "base_too_long", kInvalid,
          "The signature base would be longer than 16 KiB, or read more than 32 KiB of fields and "
          "query",
          "Cover fewer or shorter fields.");
    t.add(keyid_is_secret, "keyid_is_secret", kInvalid, "keyid is an API_SECRET, not an API_KEY",
          "Write the API_KEY there, and rotate the secret: it was sent in the open.");
    t.add(keyid_is_public_key, "keyid_is_public_key", kInvalid,
          "keyid is a PUBLIC_KEY, not an API_KEY", "Write the API_KEY there.");
    t.add(keyid_mistyped, "keyid_mistyped", kInvalid,
          "keyid begins like an API_KEY, but is not a whole one{}",
          "Copy the API_KEY again: kwk_live_ak_ or kwk_test_ak_ and 22 letters or digits.");
    t.add(signature_differs, "signature_differs", kInvalid,
          "The signature is not that of the signature base here under the API_SECRET of this "
          "keyid{}",
          "Compare the base with your own, line by line. Only where both are the same, compare "
          "API_KEY and API_SECRET. The key of the HMAC is the API_SECRET's characters, as they "
          "are, not decoded.");
    t.add(key_unknown, "key_unknown", kInvalid, "No token has the API_KEY {}",
          "Look for the token in kwikgate token list: it may have been deleted, or belong to "
          "another store.");
    t.add(message_differs, "message_differs", kInvalid,
          "The API_SECRET is right, and another message was signed: {}",
          "Sign what the gateway receives, or tell the gateway what the client asks for: scheme "
          "and authorities of the listener.");
    t.add(secret_differs, "secret_differs", kInvalid,
          "The client's base is the gateway's, and the signature is not that of the API_SECRET of "
          "{}: the secret differs",
          "Give the client the API_SECRET of this API_KEY, or rotate it. The key of the HMAC is "
          "its characters, as they are, not decoded.");
}

constexpr void add_time(Rows& t) {
    t.add(created_in_milliseconds, "created_in_milliseconds", Reason::signature_not_yet_valid,
          "created is {}, which counts milliseconds", "Send seconds since 1970: divide by 1000.");
    t.add(created_ahead, "created_ahead", Reason::signature_not_yet_valid, "created is {}",
          "Set the client's clock.");
    t.add(created_too_old, "created_too_old", Reason::signature_expired, "created is {}",
          "Sign each request when it is sent, also when it is sent again. Set the client's clock.");
    t.add(expires_passed, "expires_passed", Reason::signature_expired, "expires is {}",
          "Sign each request when it is sent, or set expires later.");
    t.add(SignatureFault::nonce_replayed, "nonce_replayed", Reason::nonce_replayed,
          "The nonce {} was used before with this API_KEY",
          "Make a new nonce and a new signature for every attempt, also when a request is sent "
          "again.");
}

constexpr Rows build_table() {
    Rows t;
    t.add(none, "none", Reason::none, "", "");
    add_fields(t);
    add_coverage(t);
    add_message(t);
    add_time(t);
    return t;
}

constexpr Rows kTable = build_table();

constexpr bool is_sound(const Rows& table) {
    if (table.size != kSignatureFaultCount) return false;
    for (std::size_t i = 0; i < kSignatureFaultCount; ++i) {
        const SignatureFaultRow& entry = table.row[i];
        if (static_cast<std::size_t>(entry.fault) != i) return false;
        if (i != 0 && (entry.words.empty() || entry.advice.empty())) return false;
    }
    return true;
}
static_assert(is_sound(kTable), "the rows stand in the order of the enumerators");

}  // namespace

const SignatureFaultRow& row(SignatureFault fault) {
    const auto index = static_cast<std::size_t>(fault);
    return kTable.row[index < kSignatureFaultCount ? index : 0];
}

std::span<const SignatureFaultRow> signature_fault_table() {
    return kTable.row;
}

SignatureFault signature_fault(InputFault fault) {
    switch (fault) {
        case InputFault::none:
            return none;
        case InputFault::malformed:
            return input_unparsable;
        case InputFault::too_many_components:
            return too_many_components;
        case InputFault::too_many_parameters:
            return too_many_parameters;
        case InputFault::unknown_component:
            return component_unknown;
        case InputFault::bad_component_name:
            return component_name;
        case InputFault::trailer_component:
            return component_of_trailer;
        case InputFault::request_component:
            return component_of_request;
        case InputFault::bad_parameter:
            return component_parameter;
        case InputFault::duplicate_component:
            return component_repeated;
        case InputFault::unknown_signature_parameter:
            return parameter_unknown;
        case InputFault::repeated_signature_parameter:
            return parameter_repeated;
        case InputFault::mistyped_signature_parameter:
            return parameter_type;
    }
    return input_unparsable;
}

SignatureFault signature_fault(BaseFault fault) {
    switch (fault) {
        case BaseFault::none:
            return none;
        case BaseFault::field_absent:
            return field_absent;
        case BaseFault::member_absent:
            return member_absent;
        case BaseFault::not_structured:
            return field_not_structured;
        case BaseFault::parameter_absent:
            return query_param_absent;
        case BaseFault::parameter_repeated:
            return query_param_repeated;
        case BaseFault::not_text:
            return value_not_text;
        case BaseFault::too_long:
            return base_too_long;
    }
    return value_not_text;
}

std::string in_words(SignatureFault fault, std::string_view particular) {
    std::string text(row(fault).words);
    const std::size_t place = text.find("{}");
    if (place != std::string::npos) text.replace(place, 2, particular);
    return text;
}

}  // namespace kwikgate::auth
