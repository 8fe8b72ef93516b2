#include "auth/authority.hpp"

#include <algorithm>
#include <array>

#include "auth/address_text.hpp"
#include "auth/ascii.hpp"
#include "auth/ip_rules.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kLongestHost = 255;
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;

constexpr std::array<bool, 256> make_name_bytes() {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < 128; ++i) {
        const auto c = static_cast<char>(i);
        table[i] = is_alphanumeric(c) ||
                   std::string_view("-._~!$&'()*+;=").find(c) != std::string_view::npos;
    }
    return table;
}
constexpr std::array<bool, 256> kNameBytes = make_name_bytes();

/// Where the host of `text` ends: at a colon behind it, or at the end.
std::size_t host_bytes(std::string_view text) {
    const std::size_t bracket = text.rfind(']');
    return std::min(text.find(':', bracket == std::string_view::npos ? 0 : bracket), text.size());
}

unsigned default_port(std::string_view scheme) {
    if (equal_ignoring_case(scheme, "https")) return 443;
    return equal_ignoring_case(scheme, "http") ? 80 : 0;
}

unsigned port_of(std::string_view port, std::string_view scheme) {
    return port.empty() ? default_port(scheme) : parse_port(port).value_or(0);
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
    Authority out;
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        out.host = text.substr(1, end - 1);
        const auto address = parse_ip(out.host);
        if (!address || out.host.find(':') == std::string_view::npos) return std::nullopt;
        out.address = *address;
        out.is_ipv6 = true;
        ++end;
    } else {
        while (end < text.size() && kNameBytes[static_cast<unsigned char>(text[end])]) ++end;
        if (end == 0 || end > kLongestHost) return std::nullopt;
        out.host = text.substr(0, end);
    }
    if (end == text.size()) return out;
    if (text[end] != ':') return std::nullopt;
    out.has_colon = true;
    out.port = text.substr(end + 1);
    if (!out.port.empty() && !parse_port(out.port)) return std::nullopt;
    return out;
}

bool is_same_host(const Authority& a, const Authority& b) {
    if (a.is_ipv6 || b.is_ipv6) return a.is_ipv6 == b.is_ipv6 && a.address == b.address;
    return equal_ignoring_case(without_trailing_dot(a.host), without_trailing_dot(b.host));
}

bool is_same_authority(const Authority& a, const Authority& b, std::string_view scheme) {
    return is_same_host(a, b) && port_of(a.port, scheme) == port_of(b.port, scheme);
}

std::string_view without_default_port(std::string_view authority, std::string_view scheme) {
    const std::size_t end = host_bytes(authority);
    if (end == authority.size()) return authority;
    const std::string_view port = authority.substr(end + 1);
    const bool says_nothing = port.empty() || parse_port(port) == default_port(scheme);
    return says_nothing ? authority.substr(0, end) : authority;
}

bool is_resolvable_name(std::string_view host) {
    const std::string_view name = without_trailing_dot(host);
    if (name.empty() || name.size() > kLongestName) return false;
    const std::string_view last = name.substr(name.rfind('.') + 1);
    if (!last.empty() && std::all_of(last.begin(), last.end(), is_digit))
        return parse_ip(host).has_value();
    std::size_t label = 0;
    for (const char c : name) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            continue;
        }
        const bool is_allowed = is_alphanumeric(c) || c == '-' || c == '_';
        if (!is_allowed || ++label > kLongestLabel) return false;
    }
    return label != 0;
}

std::string_view without_trailing_dot(std::string_view host) {
    return host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0));
}

}  // namespace kwikgate::auth
