/// Claims: fields lie within the body, decode to no more bytes than they are written in, and sort.

#include <memory>

#include "auth/public_key/form_signature.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    const std::string_view body = fuzz::as_text(data, size);
    const auto form = std::make_unique<auth::FormFields>();
    for (const bool is_json : {false, true}) {
        if (!(is_json ? auth::read_flat_json(body, *form) : auth::read_urlencoded(body, *form)))
            continue;
        fuzz::require(form->count <= auth::kMaxFormFields, "bounded");
        for (std::size_t i = 0; i < form->count; ++i) {
            fuzz::require(fuzz::is_within(form->fields[i].value.raw, body), "within the body");
            auth::TextBytes bytes(form->fields[i].value);
            std::uint8_t byte = 0;
            std::size_t count = 0;
            while (bytes.next(byte)) ++count;
            fuzz::require(count <= form->fields[i].value.raw.size(), "never grows");
        }
        const auth::SortedFields sorted = auth::sort_fields(*form);
        for (std::size_t i = 1; i < form->count; ++i) {
            const auto order = auth::compare_text(form->fields[sorted.order[i - 1]].name,
                                                  form->fields[sorted.order[i]].name);
            fuzz::require(order < 0 || (sorted.has_duplicate && order == 0), "sorted");
        }
        (void)auth::form_mac(*form, sorted, auth::HmacKey{});
    }
    return 0;
}
