/// OpenAPI documents for `kwikgate routes`. Claims: a document gives operations that can be routes,
/// or one line that says why not.

#include <memory>

#include "gateway/cli/openapi.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    const auto document = gateway::cli::read_openapi(fuzz::as_text(data, size), nullptr);
    if (!document) {
        fuzz::require(!document.error().message().empty(), "a failure is told");
        return 0;
    }
    for (const auto& operation : document->operations) {
        fuzz::require(!operation.method.empty(), "an operation has a method");
        fuzz::require(operation.path.starts_with('/'), "and a path");
        (void)gateway::cli::section_of(operation);
        (void)gateway::cli::lookup_word(operation.path, operation.id);
    }
    return 0;
}
