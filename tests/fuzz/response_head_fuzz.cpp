/// Claims: a head has the same verdict whole and in pieces; what is accepted lies within the buffer
/// and is written for the client as one head that the same parser accepts.

#include <string>

#include "gateway/http/forwarding.hpp"
#include "gateway/http/response_parser.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace kwikgate;
using namespace kwikgate::gateway::http;
using fuzz::require;

constexpr HeadLimits kLimits{200, 1000, 20};

ParseStatus parse_in_pieces(std::string_view text, std::size_t step, bool to_head) {
    ResponseHead head;
    std::size_t resume_at = 0;
    ParseStatus status = ParseStatus::need_more;
    for (std::size_t size = step; status == ParseStatus::need_more; size += step) {
        const bool is_last = size >= text.size();
        status = parse_response_head(text.substr(0, size), kLimits, to_head, resume_at, head);
        if (is_last) break;
    }
    return status;
}

void check_forwarded(const ResponseHead& head) {
    ResponseForwarding context;
    context.request_id = "id";
    context.framing = head.framing;
    context.content_length = head.content_length;
    context.has_content_length = head.has_content_length;
    std::string out;
    write_downstream_response_head(head, context, out);
    ResponseHead again;
    std::size_t resume_at = 0;
    const HeadLimits wide{4000, 8000, 100};
    const bool is_bodiless = head.framing == BodyFraming::none;
    require(parse_response_head(out, wide, is_bodiless, resume_at, again) == ParseStatus::complete,
            "what is forwarded is accepted");
    require(again.head_bytes == out.size(), "one head is forwarded");
    require(again.status == head.status && again.framing == head.framing, "same message");
    require(
        again.framing != BodyFraming::content_length || again.content_length == head.content_length,
        "same length");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::as_text(data, size);
    const std::size_t steering = fuzz::take_byte(text);
    const bool to_head = (steering & 0x80U) != 0;
    ResponseHead head;
    std::size_t resume_at = 0;
    const ParseStatus whole = parse_response_head(text, kLimits, to_head, resume_at, head);
    const ParseStatus pieces = parse_in_pieces(text, 1 + steering % 32, to_head);
    // An incomplete last line may be judged later when it comes in pieces.
    require(whole == pieces || (whole == ParseStatus::refused && pieces == ParseStatus::need_more),
            "same verdict whole and in pieces");
    require(whole != ParseStatus::need_more || text.size() < kLimits.head_bytes,
            "never waits beyond the limit");
    if (whole != ParseStatus::complete) return 0;
    require(head.head_bytes <= text.size(), "size");
    require(text.substr(0, head.head_bytes).ends_with("\r\n\r\n"), "ends with an empty line");
    require(fuzz::is_within(head.reason_phrase, text), "phrase view");
    for (const auth::FieldLine& line : head.fields)
        require(fuzz::is_within(line.name, text) && fuzz::is_within(line.value, text), "views");
    check_forwarded(head);
    return 0;
}
