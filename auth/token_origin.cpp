#include <string>

#include "auth/ascii.hpp"
#include "auth/authority.hpp"
#include "auth/ip_rules.hpp"
#include "auth/token_settings.hpp"

namespace kwikgate::auth {
namespace {

/// A browser sends a port without leading zeros, and never the empty one.
bool is_browsers_port(const Authority& authority) {
    return authority.port.empty() ? !authority.has_colon : !authority.port.starts_with('0');
}

}  // namespace

ServiceResult<std::string> normalize_origin(std::string_view text) {
    const ServiceError refused{
        Errc::invalid_origin,
        "An origin is written https://shop.example.com or http://localhost:3000: no path, no "
        "wildcard."};
    if (text.size() > store::kMaxOriginBytes) return refused;
    const std::string lower = lower_case(text);
    const std::string_view all = lower;
    const std::string_view scheme = all.starts_with("https://")  ? "https://"
                                    : all.starts_with("http://") ? "http://"
                                                                 : "";
    if (scheme.empty()) return refused;
    const std::string_view rest = all.substr(scheme.size());
    const auto authority = parse_authority(rest);
    if (!authority || !is_browsers_port(*authority)) return refused;
    if (!authority->is_ipv6 && !is_resolvable_name(authority->host)) return refused;
    // A browser leaves the default port out and writes an IPv6 address in its shortest form, and
    // the comparison is byte by byte.
    std::string out(scheme);
    if (authority->is_ipv6 && !is_ipv4(authority->address)) {
        out += "[" + to_text(authority->address) + "]";
    } else {
        out += rest.substr(0, authority->host.size() + (authority->is_ipv6 ? 2 : 0));
    }
    const bool is_default = authority->port == (scheme == "https://" ? "443" : "80");
    if (!authority->port.empty() && !is_default) out += ":" + std::string(authority->port);
    return out;
}

}  // namespace kwikgate::auth
