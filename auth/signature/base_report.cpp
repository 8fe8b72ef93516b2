// The explanation of a failing signature: SignatureAuthenticator::describe_base.

#include <array>

#include "auth/signature/coverage.hpp"
#include "auth/signature/signature_base.hpp"
#include "auth/signature/signature_scheme.hpp"
#include "auth/signature/workspace.hpp"

namespace kwikgate::auth {
namespace {

std::string note(std::string_view text) {
    return "# " + std::string(text);
}

}  // namespace

std::string identifier_of(const SignatureInput& input, std::size_t component) {
    if (component >= input.component_count) return "@signature-params";
    std::array<char, 1024> memory;
    BoundedText identifier(memory);
    write_component_identifier(input.components[component], identifier);
    return std::string(identifier.view());
}

std::string SignatureAuthenticator::describe_base(const RequestView& request) {
    SignatureInput& input = workspace_->input;
    SignatureFault fault = select_signature(request, input, workspace_->mac);
    if (fault == SignatureFault::none) fault = signature_fault(input.fault);
    RefusedSignature refused;
    refused.fault = fault;
    if (fault != SignatureFault::none) return note(in_words(fault, particular(request, refused)));
    BoundedText base(workspace_->memory);
    std::size_t faulty = 0;
    const BaseFault base_fault = write_signature_base(request, input, base, faulty);
    std::string text(base.view());
    if (base_fault == BaseFault::none) return text;
    return text + note(in_words(signature_fault(base_fault), identifier_of(input, faulty)));
}

}  // namespace kwikgate::auth
