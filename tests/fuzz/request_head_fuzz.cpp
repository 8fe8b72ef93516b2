/// Claims: a head has the same verdict whole and in pieces; what is accepted lies within the
/// buffer, has one framing, and is written for an upstream as a head that the same parser accepts,
/// with nothing that the client may not say.

#include <string>

#include "gateway/http/forwarding.hpp"
#include "gateway/http/header_rules.hpp"
#include "gateway/http/request_parser.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace kwikgate;
using namespace kwikgate::gateway::http;
using fuzz::require;

constexpr HeadLimits kLimits{200, 1000, 20};

/// One byte more a call, or `step` bytes more.
RequestParseResult parse_in_pieces(std::string_view text, std::size_t step, RequestHead& head) {
    std::size_t resume_at = 0;
    RequestParseResult result;
    for (std::size_t size = step; result.status == ParseStatus::need_more; size += step) {
        const bool is_last = size >= text.size();
        result = parse_request_head(text.substr(0, size), kLimits, resume_at, head);
        if (is_last) break;
    }
    return result;
}

void check_accepted(std::string_view text, const RequestHead& head) {
    require(head.head_bytes <= text.size() && head.head_bytes <= kLimits.head_bytes, "size");
    require(text.substr(0, head.head_bytes).ends_with("\r\n\r\n"), "ends with an empty line");
    require(head.fields.size() <= kLimits.fields, "fields");
    require(fuzz::is_within(head.method, text) && fuzz::is_within(head.target, text), "line views");
    require(head.path.starts_with('/') && fuzz::is_within(head.query, text), "target views");
    for (const auth::FieldLine& line : head.fields)
        require(fuzz::is_within(line.name, text) && fuzz::is_within(line.value, text), "views");
}

void check_forwarded(const RequestHead& head) {
    auth::Principal principal;
    principal.id.assign("tok_fuzz");
    ForwardingContext context;
    context.method = head.method;
    context.framing = head.framing;
    context.content_length = head.content_length;
    context.principal = &principal;
    context.client_address = "192.0.2.1";
    context.host = "upstream";
    std::string out;
    write_upstream_request_head(head, context, out);
    RequestHead again;
    std::size_t resume_at = 0;
    const HeadLimits wide{4000, 8000, 100};
    require(parse_request_head(out, wide, resume_at, again).status == ParseStatus::complete,
            "what is forwarded is accepted");
    require(again.head_bytes == out.size(), "one head is forwarded");
    require(again.method == head.method && again.path == head.path, "same request line");
    require(again.content_length == head.content_length, "same length");
    require((again.framing == BodyFraming::chunked) == (head.framing == BodyFraming::chunked),
            "same framing");
    unsigned identities = 0;
    for (const auth::FieldLine& line : again.fields) identities += is_identity_header(line.name);
    require(identities == 4, "only our identity headers are forwarded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::as_text(data, size);
    const std::size_t step = 1 + fuzz::take_byte(text) % 32;
    RequestHead head;
    std::size_t resume_at = 0;
    const RequestParseResult whole = parse_request_head(text, kLimits, resume_at, head);
    RequestHead pieced;
    const RequestParseResult pieces = parse_in_pieces(text, step, pieced);
    // An incomplete last line may be judged later when it comes in pieces.
    const bool is_later =
        whole.status == ParseStatus::refused && pieces.status == ParseStatus::need_more;
    require(is_later || (whole.status == pieces.status && whole.reason == pieces.reason),
            "same verdict whole and in pieces");
    require((whole.status == ParseStatus::refused) == (whole.reason != auth::Reason::none),
            "a refusal has a reason");
    require(whole.status != ParseStatus::need_more || text.size() < kLimits.head_bytes,
            "never waits beyond the limit");
    if (whole.status != ParseStatus::complete) return 0;
    require(pieced.head_bytes == head.head_bytes && pieced.fields.size() == head.fields.size(),
            "same head whole and in pieces");
    check_accepted(text, head);
    check_forwarded(head);
    return 0;
}
