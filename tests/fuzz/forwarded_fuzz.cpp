/// What proxies and tracers say of a request: X-Forwarded-For, traceparent, addresses. The first
/// byte chooses which. Claims: a peer that is not trusted is believed nothing; an address that was
/// read, written again, reads the same; what is carried on of a trace is valid.

#include <array>

#include "auth/ip_rules.hpp"
#include "gateway/http/client_origin.hpp"
#include "gateway/http/trace_context.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace kwikgate;
using fuzz::require;

void read_origin(std::string_view text) {
    const std::size_t middle = text.find('\n');
    const std::array<auth::FieldLine, 2> lines{
        auth::FieldLine{"x-forwarded-for", text.substr(0, middle),
                        auth::FieldName::x_forwarded_for},
        auth::FieldLine{"x-forwarded-for",
                        middle < text.size() ? text.substr(middle + 1) : std::string_view(),
                        auth::FieldName::x_forwarded_for}};
    auth::RequestView request;
    request.fields = lines;
    const auto peer = *auth::parse_ip("192.0.2.1");
    const auto stranger = gateway::http::find_client_origin(request, peer, "https", {});
    require(stranger.address == peer && !stranger.is_proxied, "nobody is believed");
    const auto proxied = gateway::http::find_client_origin(request, peer, "https",
                                                           {*auth::parse_ip_range("192.0.2.1")});
    require(proxied.forwarded_host.empty(), "nothing is made up");
}

void read_address(std::string_view text) {
    if (const auto address = auth::parse_ip(text)) {
        const auto again = auth::parse_ip(auth::to_text(*address));
        require(again && *again == *address, "an address reads the same");
    }
    if (const auto range = auth::parse_ip_range(text))
        require(range->prefix_bits <= 128 && range->contains(range->address),
                "a range holds its address");
}

void read_trace(std::string_view text) {
    static gateway::http::IdSource source;
    gateway::http::Traceparent out;
    gateway::http::continue_trace(text, source, out);
    require(out.view().size() == gateway::http::kTraceparentBytes &&
                gateway::http::is_valid_traceparent(out.view()),
            "a trace that goes on is valid");
    if (gateway::http::is_valid_traceparent(text))
        require(out.view().substr(3, 32) == text.substr(3, 32), "the client's trace goes on");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::as_text(data, size);
    const std::size_t kind = fuzz::take_byte(text) % 3;
    if (kind == 0) read_origin(text);
    if (kind == 1) read_address(text);
    if (kind == 2) read_trace(text);
    return 0;
}
