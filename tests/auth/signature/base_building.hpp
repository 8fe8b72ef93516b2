#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/signature/signature_base.hpp"
#include "tests/auth/signature/signing_fixture.hpp"

/// From a Signature-Input to the signature base, as far as it comes.
namespace kwikgate::auth {

struct Built {
    bool is_read = false;
    InputFault input_fault = InputFault::none;
    BaseFault fault = BaseFault::none;
    std::string base;
};

inline Built build(OwnedRequest& request, const std::string& signature_input) {
    Built built;
    const auto input = std::make_unique<SignatureInput>();
    FieldParser parser(signature_input);
    parser.start();
    built.is_read = parser.more() && read_signature_input(parser, *input) && parser.finished();
    if (!built.is_read) return built;
    built.input_fault = input->fault;
    if (input->fault != InputFault::none) return built;
    std::vector<char> memory(16384);
    BoundedText out(memory);
    std::size_t faulty = 0;
    built.fault = write_signature_base(request.view(), *input, out, faulty);
    built.base = std::string(out.view());
    return built;
}

/// The value of one component, or nothing.
inline std::string value_of(OwnedRequest& request, const std::string& component) {
    const Built built = build(request, "sig=(" + component + ")");
    if (!built.is_read || built.input_fault != InputFault::none || built.fault != BaseFault::none)
        return "(none)";
    const std::string line = built.base.substr(0, built.base.find('\n'));
    EXPECT_TRUE(line.starts_with(component + ": ")) << line;
    return line.substr(component.size() + 2);
}

inline OwnedRequest request_with(std::vector<std::pair<std::string, std::string>> fields) {
    OwnedRequest request;
    request.fields = std::move(fields);
    return request;
}

}  // namespace kwikgate::auth
