/// Hosts with a port, and addresses as they are written elsewhere. The first byte chooses which.
/// Claims: parts lie in the text; what was read, written again, reads the same; a comparison knows
/// no order and every authority is the same as itself and as its normal form.

#include <string>

#include "auth/address_text.hpp"
#include "auth/authority.hpp"
#include "auth/ip_rules.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace kwikgate;
using fuzz::require;

void read_authority(std::string_view text) {
    const auto found = auth::parse_authority(text);
    if (!found) return;
    require(fuzz::is_within(found->host, text) && fuzz::is_within(found->port, text), "parts");
    require(!found->host.empty(), "there is a host");
    std::string again =
        found->is_ipv6 ? "[" + std::string(found->host) + "]" : std::string(found->host);
    if (found->has_colon) again += ":" + std::string(found->port);
    require(again == text, "the parts are the whole");
    for (const std::string_view scheme : {"http", "https"}) {
        require(auth::is_same_authority(*found, *found, scheme), "the same as itself");
        const auto normal = auth::parse_authority(auth::without_default_port(text, scheme));
        require(normal && auth::is_same_authority(*found, *normal, scheme), "the normal form");
    }
}

void compare(std::string_view text) {
    const std::size_t middle = text.find('\n');
    if (middle == std::string_view::npos) return;
    const auto a = auth::parse_authority(text.substr(0, middle));
    const auto b = auth::parse_authority(text.substr(middle + 1));
    if (!a || !b) return;
    require(auth::is_same_authority(*a, *b, "https") == auth::is_same_authority(*b, *a, "https"),
            "no order");
    if (auth::is_same_authority(*a, *b, "https")) require(auth::is_same_host(*a, *b), "hosts too");
}

void read_address(std::string_view text) {
    const auto found = auth::parse_address_text(text);
    if (!found) return;
    require(fuzz::is_within(found->text, text) && fuzz::is_within(found->zone, text), "parts");
    std::string again =
        found->is_bracketed ? "[" + std::string(found->text) + "]" : std::string(found->text);
    if (found->has_port) again += ":" + std::string(found->port_text);
    require(again == text, "the parts are the whole");
    const auto hop = auth::parse_forwarded_node(text);
    require(hop && *hop == found->address, "a node is a hop");
    const auto quoted = auth::parse_forwarded_node("for=\"" + std::string(text) + "\"");
    require(quoted && *quoted == found->address, "a quoted one too");
    const auto plain = auth::parse_ip(auth::to_text(found->address));
    require(plain && *plain == found->address, "an address reads the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::as_text(data, size);
    const std::size_t kind = fuzz::take_byte(text) % 3;
    if (kind == 0) read_authority(text);
    if (kind == 1) compare(text);
    if (kind == 2) read_address(text);
    return 0;
}
