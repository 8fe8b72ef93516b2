// The explanation of a failing signature: SignatureAuthenticator::describe_base.

#include "auth/signature/coverage.hpp"
#include "auth/signature/signature_base.hpp"
#include "auth/signature/signature_scheme.hpp"
#include "auth/signature/workspace.hpp"

namespace kwikgate::auth {
namespace {

std::string_view sentence(InputFault fault) {
    switch (fault) {
        case InputFault::none:
            break;
        case InputFault::malformed:
            return "Signature-Input is not well-formed";
        case InputFault::unknown_component:
            return "no such derived component exists for requests";
        case InputFault::bad_component_name:
            return "a field name must be written in lower case";
        case InputFault::trailer_component:
            return "trailers cannot be signed (;tr)";
        case InputFault::request_component:
            return ";req is for responses";
        case InputFault::bad_parameter:
            return "a parameter of this component is unknown, repeated or not allowed here";
        case InputFault::duplicate_component:
            return "this component is covered twice";
        case InputFault::bad_signature_parameter:
            return "this signature parameter is unknown, repeated or of the wrong type";
    }
    return {};
}

std::string_view sentence(BaseFault fault) {
    switch (fault) {
        case BaseFault::none:
            break;
        case BaseFault::field_absent:
            return "the request as received has no such field";
        case BaseFault::member_absent:
            return "the field is not a dictionary with that member";
        case BaseFault::not_structured:
            return "the field is not known as a structured field, or is not well-formed";
        case BaseFault::parameter_absent:
            return "the query has no such parameter";
        case BaseFault::parameter_repeated:
            return "the query has that parameter more than once";
        case BaseFault::not_text:
            return "the value holds bytes that cannot be signed";
        case BaseFault::too_long:
            return "the signature base would be too long";
    }
    return {};
}

std::string_view sentence(Reason reason) {
    switch (reason) {
        case Reason::duplicate_field:
            return "Signature-Input or Signature stands on more than one line";
        case Reason::credential_missing:
            return "Signature-Input or Signature is missing";
        case Reason::credential_ambiguous:
            return "there are several signatures, and not exactly one with tag=\"kwik\"";
        default:
            return "Signature-Input or Signature is not well-formed, a label stands twice, or the "
                   "signature is not 32 bytes";
    }
}

std::string note(std::string_view text) {
    return "# " + std::string(text);
}

}  // namespace

std::string SignatureAuthenticator::describe_base(const RequestView& request) {
    SignatureInput& input = workspace_->input;
    const Reason reason = select_signature(request, input, workspace_->mac);
    if (reason != Reason::none) return note(sentence(reason));
    if (input.fault != InputFault::none)
        return note(std::string(input.at_fault) + ": " + std::string(sentence(input.fault)));
    BoundedText base(workspace_->memory);
    std::size_t faulty = 0;
    const BaseFault fault = write_signature_base(request, input, base, faulty);
    std::string text(base.view());
    if (fault == BaseFault::none) return text;
    if (faulty >= input.component_count) return text + note(sentence(fault));
    std::array<char, 1024> memory;
    BoundedText identifier(memory);
    write_component_identifier(input.components[faulty], identifier);
    return text + note(std::string(identifier.view()) + ": " + std::string(sentence(fault)));
}

}  // namespace kwikgate::auth
