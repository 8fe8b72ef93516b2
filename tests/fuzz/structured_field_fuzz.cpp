/// Claims: a field's canonical form, read again, is its own canonical form.

#include <array>
#include <string>

#include "auth/signature/canonical_field.hpp"
#include "auth/signature/structured_field.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    const std::string_view text = fuzz::as_text(data, size);
    for (const auth::FieldType type :
         {auth::FieldType::item, auth::FieldType::list, auth::FieldType::dictionary}) {
        const std::array<std::string_view, 1> lines{text};
        std::string memory(4 * size + 64, '\0');
        auth::BoundedText out({memory.data(), memory.size()});
        if (!auth::write_canonical_field(type, lines, out)) continue;
        fuzz::require(!out.overflowed(), "a canonical form is not much longer");
        const std::array<std::string_view, 1> canonical{out.view()};
        std::string again_memory(memory.size(), '\0');
        auth::BoundedText again({again_memory.data(), again_memory.size()});
        fuzz::require(auth::write_canonical_field(type, canonical, again), "it parses");
        fuzz::require(again.view() == out.view(), "it is its own canonical form");
    }
    return 0;
}
