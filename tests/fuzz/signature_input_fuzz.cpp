/// Claims: what is read as a Signature-Input member, written canonically, reads as the same again.

#include <memory>
#include <string>

#include "auth/signature/signature_base.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    auth::FieldParser parser(fuzz::as_text(data, size));
    const auto input = std::make_unique<auth::SignatureInput>();
    parser.start();
    if (!parser.more() || !auth::read_signature_input(parser, *input)) return 0;
    std::string memory(4 * size + 64, '\0');
    auth::BoundedText out({memory.data(), memory.size()});
    out.put("x=");
    auth::write_signature_params(*input, out);
    fuzz::require(!out.overflowed(), "fits");
    const auto again = std::make_unique<auth::SignatureInput>();
    auth::FieldParser second(out.view());
    second.start();
    fuzz::require(second.more() && auth::read_signature_input(second, *again), "reads again");
    fuzz::require(again->fault == input->fault && again->created == input->created &&
                      again->component_count == input->component_count &&
                      again->key_id == input->key_id && again->nonce == input->nonce,
                  "means the same");
    return 0;
}
