#include "gateway/pipeline/explained_refusal.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/basic/basic_credentials.hpp"
#include "auth/credential.hpp"
#include "auth/ip_rules.hpp"

namespace kwikgate::gateway {
namespace {

using auth::FieldName;
using auth::Reason;
using auth::SignatureFault;

constexpr std::string_view kOneLine =
    "Encode API_KEY:API_SECRET as one line: base64 of GNU breaks lines at 76 characters, so use "
    "base64 -w0.";

/// Where the head cannot be read. What stands there may be a secret: it is never shown.
void tell_bad_header(const JudgedRequest& judged, std::string_view raw, Explanation& out) {
    const std::size_t whole = judged.context.head.fields.size();
    std::size_t start = 0;
    while (raw.substr(start, 2) == "\r\n") start += 2;
    for (std::size_t i = 0; i <= whole && start < raw.size(); ++i)
        start = std::min(raw.find("\r\n", start), raw.size() - 2) + 2;
    const std::string_view line = raw.substr(start, raw.find("\r\n", start) - start);
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    out.detail = "line " + std::to_string(whole + 2) + " of the head is no field";
    const bool follows_authorization =
        whole != 0 && judged.context.head.fields.back().known == FieldName::authorization;
    if (auth::equal_ignoring_case(name, "authorization") ||
        (follows_authorization && colon == line.size())) {
        out.cause = "authorization_wrapped";
        out.detail += ": the value of Authorization is broken over several lines";
        out.advice = kOneLine;
    } else if (colon == line.size()) {
        out.detail += ": it has no colon";
    } else {
        out.detail += ": its name has a byte that no name has, or its value a control character";
    }
}

void tell_malformed_basic(const JudgedRequest& judged, Explanation& out) {
    const auth::FieldLine* field = judged.context.view.find(FieldName::authorization);
    if (field == nullptr) return;
    if (!auth::is_basic_scheme(field->value)) {
        out.cause = "authorization_scheme";
        const std::string_view scheme = field->value.substr(0, field->value.find(' '));
        // A long word may be a credential that stands there without a scheme.
        const bool is_shown =
            scheme.size() <= 10 && std::all_of(scheme.begin(), scheme.end(), auth::is_alpha);
        out.detail = "Authorization is not Basic with a value" +
                     (is_shown ? ": it is " + std::string(scheme) : std::string());
        out.advice = "Send Basic, or sign the request by Signature-Input and Signature.";
        return;
    }
    out.cause = "basic_malformed";
    out.detail = "what follows Basic is not the base64 of API_KEY:API_SECRET";
    out.advice = kOneLine;
}

void tell_invalid_credential(const JudgedRequest& judged, Explanation& out) {
    const auth::FieldLine* field = judged.context.view.find(FieldName::authorization);
    if (judged.context.form.secret_exposed) {
        out.detail = "an API_SECRET stands where the PUBLIC_KEY belongs";
        return;
    }
    if (field == nullptr) {
        out.detail = "no token has this PUBLIC_KEY, or the form's signature is wrong";
        return;
    }
    auth::SecretBytes<auth::kMaxBasicBytes> buffer;
    const auto pair = auth::parse_basic(field->value, buffer);
    const auto snapshot = judged.reader.snapshot();
    if (!pair || !snapshot) return;
    const auto token = snapshot->token_by_key(pair->api_key);
    if (!token) return;
    if (auth::looks_like_api_secret(pair->api_key)) {
        out.detail = "an API_SECRET stands where the API_KEY belongs";
    } else if (!*token) {
        out.detail = "no token has the API_KEY " + auth::partial_credential(pair->api_key);
    } else {
        out.detail = "the API_SECRET is not that of token " + std::string((*token)->id);
        if (auth::api_secret_form(pair->api_secret) == auth::CredentialForm::mistyped)
            out.detail += ": it is not a whole one, its checksum does not match";
    }
}

}  // namespace

void tell_refusal(const JudgedRequest& judged, std::string_view raw, Explanation& out) {
    const auth::Principal& principal = judged.context.principal;
    switch (out.decision.reason) {
        case Reason::bad_header:
            return tell_bad_header(judged, raw, out);
        case Reason::credential_malformed:
            return tell_malformed_basic(judged, out);
        case Reason::credential_invalid:
            return tell_invalid_credential(judged, out);
        case Reason::section_not_granted:
        case Reason::write_not_granted:
            out.detail = "token " + std::string(principal.id.view()) + " lacks " +
                         std::string(auth::to_token(judged.context.route->requirement.access)) +
                         " of " + judged.context.route->section_slug;
            return;
        case Reason::method_not_allowed:
            out.detail = "the path has " + judged.context.match.allowed_methods.to_text();
            return;
        case Reason::target_ambiguous:
            out.detail = judged.context.match.ambiguity.to_text();
            return;
        case Reason::address_not_allowed:
            out.detail = "client " + client_text(judged.context);
            return;
        case Reason::bad_host:
            out.detail = "the listener does not serve " +
                         std::string(judged.context.view.authority) + " (" +
                         std::string(judged.context.authority_from()) + ")";
            return;
        default:
            if (judged.context.is_authenticated)
                out.detail = "token " + std::string(principal.id.view());
    }
}

SignatureFault tell_difference(const auth::SignatureTrial& trial, std::string_view client_base,
                               Explanation& out) {
    if (trial.token_id().empty()) {
        out.detail =
            in_words(SignatureFault::key_unknown, auth::partial_credential(trial.key_id()));
        return SignatureFault::key_unknown;
    }
    const std::string token = "token " + std::string(trial.token_id());
    if (!client_base.empty() && client_base == out.signature_base) {
        out.detail = in_words(SignatureFault::secret_differs, token);
        return SignatureFault::secret_differs;
    }
    std::optional<std::string> message = trial.other_message();
    if (!message && !client_base.empty() && trial.fits(client_base))
        message = "the base that the client computed";
    if (message) {
        out.detail = in_words(SignatureFault::message_differs, *message);
        return SignatureFault::message_differs;
    }
    out.detail += " (" + token + "): another message was signed, or with another secret";
    return SignatureFault::signature_differs;
}

}  // namespace kwikgate::gateway
