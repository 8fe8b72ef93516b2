#include "auth/authenticator.hpp"

#include "auth/basic/basic_credentials.hpp"

namespace kwikgate::auth {
namespace {

CredentialKind refuse(Reason reason) {
    return {Decision::refuse(reason, Phase::authenticate), Scheme::basic};
}

CredentialKind refuse(SignatureFault fault) {
    CredentialKind kind = refuse(reason_of(fault));
    kind.fault = fault;
    return kind;
}

}  // namespace

CredentialKind find_credential(const RequestView& request) {
    const FieldLine* authorization = nullptr;
    unsigned authorizations = 0;
    unsigned signatures = 0;
    unsigned inputs = 0;
    for (const FieldLine& line : request.fields) {
        if (line.known == FieldName::authorization) {
            authorization = &line;
            ++authorizations;
        } else if (line.known == FieldName::signature) {
            ++signatures;
        } else if (line.known == FieldName::signature_input) {
            ++inputs;
        }
    }
    if (authorizations > 1) return refuse(Reason::duplicate_field);
    if (inputs > 1) return refuse(SignatureFault::input_repeated);
    if (signatures > 1) return refuse(SignatureFault::signature_repeated);
    const bool has_signature = signatures != 0 || inputs != 0;
    if (authorization != nullptr) {
        if (has_signature) return refuse(SignatureFault::two_credentials);
        if (!is_basic_scheme(authorization->value)) return refuse(Reason::credential_malformed);
        return {Decision{}, Scheme::basic};
    }
    if (!has_signature) return refuse(Reason::credential_missing);
    if (inputs == 0) return refuse(SignatureFault::input_missing);
    if (signatures == 0) return refuse(SignatureFault::signature_missing);
    return {Decision{}, Scheme::signature};
}

}  // namespace kwikgate::auth
