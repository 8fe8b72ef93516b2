#include "auth/public_key/form_scheme.hpp"

#include <array>
#include <optional>

#include "auth/ascii.hpp"
#include "auth/credential.hpp"
#include "auth/decoy_record.hpp"
#include "auth/media_type.hpp"
#include "auth/public_key/form_fields.hpp"
#include "auth/public_key/form_signature.hpp"
#include "auth/request_origin.hpp"
#include "auth/secret.hpp"
#include "auth/secret_match.hpp"

namespace kwikgate::auth {

/// The form of one request while it is judged. On the stack: 9 KiB.
struct FormAuthenticator::Form {
    FormFields fields;
    SortedFields sorted;
    std::array<char, 256> key_memory;
    std::string_view public_key;
    bool has_signature = false;
    bool is_signature_readable = false;
    FormMac mac{};
};

namespace {

Decision refuse(Reason reason) {
    return Decision::refuse(reason, Phase::authenticate);
}

std::string_view media_type_of(const RequestView& request) {
    const FieldLine* const line = request.find(FieldName::content_type);
    if (line == nullptr || request.count(FieldName::content_type) != 1) return {};
    return media_type(line->value);
}

Reason read_fields(const RequestView& request, std::string_view body, FormFields& out) {
    const std::string_view type = media_type_of(request);
    bool is_read = false;
    if (equal_ignoring_case(type, "application/x-www-form-urlencoded")) {
        is_read = read_urlencoded(body, out);
    } else if (equal_ignoring_case(type, "application/json")) {
        is_read = read_flat_json(body, out);
    } else {
        return Reason::content_type_unsupported;
    }
    return is_read ? Reason::none : Reason::body_invalid;
}

const FormField* find_field(const FormFields& form, std::string_view name) {
    for (std::size_t i = 0; i < form.count; ++i)
        if (text_equals(form.fields[i].name, name)) return &form.fields[i];
    return nullptr;
}

}  // namespace

FormAuthenticator::FormAuthenticator(store::Reader& reader, Sealer& sealer)
    : reader_(reader), sealer_(sealer), decoy_record_(make_decoy_record(sealer)) {}

Decision FormAuthenticator::authenticate(const RequestView& request, std::string_view body,
                                         Timestamp now, Principal& principal,
                                         FormFinding& finding) {
    finding = FormFinding{};
    Form form;
    if (const Reason reason = read_fields(request, body, form.fields); reason != Reason::none)
        return refuse(reason);
    form.sorted = sort_fields(form.fields);
    if (form.sorted.has_duplicate) return refuse(Reason::duplicate_field);
    const FormField* const key = find_field(form.fields, "public_key");
    if (key == nullptr) return refuse(Reason::credential_missing);
    if (!decode_text(key->value, form.key_memory, form.public_key) ||
        public_key_form(form.public_key) == CredentialForm::unusable)
        return refuse(Reason::credential_malformed);
    if (looks_like_api_secret(form.public_key)) {
        finding.secret_exposed = true;
        wipe(form.key_memory.data(), form.key_memory.size());
        return refuse(Reason::credential_invalid);
    }
    const FormField* const signature = find_field(form.fields, "signature");
    form.has_signature = signature != nullptr;
    form.is_signature_readable = signature != nullptr && read_form_mac(signature->value, form.mac);
    const Reason reason = judge(form, request, now, principal, finding);
    return reason == Reason::none ? Decision{} : refuse(reason);
}

Reason FormAuthenticator::judge(const Form& form, const RequestView& request, Timestamp now,
                                Principal& principal, FormFinding& finding) {
    auto snapshot = reader_.snapshot();
    if (!snapshot) return Reason::store_unavailable;
    const auto token = snapshot->token_by_public_key(form.public_key);
    if (!token) return Reason::store_unavailable;
    std::uint32_t generation = 0;
    if (!*token) {
        // A signed form costs the same whether its key exists or not: the second descent that
        // leads from a public key to its token, and the MACs.
        if (form.has_signature) static_cast<void>(snapshot->token_by_key(form.public_key));
        const auto decoy = store::decode(decoy_record_);
        if (form.has_signature && decoy) static_cast<void>(verify(*decoy, form, now, generation));
        return Reason::credential_invalid;
    }
    if (form.has_signature) {
        const Reason reason = verify(**token, form, now, generation);
        if (reason != Reason::none) return reason;
        finding.is_signed = true;
    } else if ((*token)->require_form_signature) {
        return Reason::signature_uncovered;
    }
    principal.assign(**token, request.client, request_origin(request));
    principal.scheme = Scheme::public_key;
    principal.secret_generation = generation;
    return Reason::none;
}

Reason FormAuthenticator::verify(const store::TokenView& token, const Form& form, Timestamp now,
                                 std::uint32_t& generation) {
    return match_secret(token, now, generation, [&](const store::SecretRecord& secret) {
        HmacKey key;
        if (!sealer_.open(secret.sealed_key, token.id, key)) return Match::unopened;
        const FormMac expected = form_mac(form.fields, form.sorted, key);
        const bool matches = constant_time_equal(expected, form.mac);
        return matches && form.is_signature_readable ? Match::yes : Match::no;
    });
}

}  // namespace kwikgate::auth
