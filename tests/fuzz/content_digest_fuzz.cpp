/// Claims: a field is usable exactly when it gives a digest, and no digest of it matches another
/// body.

#include <array>

#include "auth/signature/content_digest.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    const std::array<auth::FieldLine, 1> lines{auth::FieldLine{
        "content-digest", fuzz::as_text(data, size), auth::FieldName::content_digest}};
    auth::RequestView request;
    request.fields = lines;
    auth::DigestSet digests;
    const auth::DigestFieldState state = auth::read_content_digest(request, digests);
    if (state != auth::DigestFieldState::usable) return 0;
    fuzz::require(!digests.empty(), "usable has a digest");
    auth::ContentDigest digest;
    digest.start(digests);
    digest.update(std::string_view("one"));
    const bool first = digest.finish();
    digest.start(digests);
    digest.update(std::string_view("two"));
    fuzz::require(!(digest.finish() && first), "not two bodies");
    return 0;
}
