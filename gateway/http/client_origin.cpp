#include "gateway/http/client_origin.hpp"

#include <algorithm>

#include "auth/ip_rules.hpp"
#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {
namespace {

enum class Walk : std::uint8_t { goes_on, found, unknown };

/// Walks a line of the chain from the right: each hop was written by the one after it.
Walk walk_back(std::string_view line, const std::vector<store::IpRange>& trusted,
               auth::IpAddress& address) {
    for (;;) {
        const std::size_t comma = line.rfind(',');
        const std::string_view hop =
            trim_ows(comma == std::string_view::npos ? line : line.substr(comma + 1));
        if (!hop.empty()) {
            const auto parsed = auth::parse_ip(hop);
            if (!parsed) return Walk::unknown;
            address = *parsed;
            if (!is_trusted(address, trusted)) return Walk::found;
        }
        if (comma == std::string_view::npos) return Walk::goes_on;
        line = line.substr(0, comma);
    }
}

Walk find_in_chain(const auth::RequestView& request, const std::vector<store::IpRange>& trusted,
                   auth::IpAddress& address) {
    Walk walk = Walk::goes_on;
    for (std::size_t i = request.fields.size(); i-- > 0 && walk == Walk::goes_on;)
        if (request.fields[i].known == auth::FieldName::x_forwarded_for)
            walk = walk_back(request.fields[i].value, trusted, address);
    return walk;
}

}  // namespace

bool is_trusted(const auth::IpAddress& address, const std::vector<store::IpRange>& trusted) {
    return std::any_of(trusted.begin(), trusted.end(),
                       [&](const store::IpRange& range) { return range.contains(address); });
}

ClientOrigin find_client_origin(const auth::RequestView& request, const auth::IpAddress& peer,
                                std::string_view listener_scheme,
                                const std::vector<store::IpRange>& trusted_proxies) {
    ClientOrigin origin;
    origin.address = peer;
    origin.scheme = listener_scheme;
    if (trusted_proxies.empty() || !is_trusted(peer, trusted_proxies)) return origin;
    origin.is_proxied = true;
    using auth::FieldName;
    origin.keeps_chain = find_in_chain(request, trusted_proxies, origin.address) != Walk::unknown;
    if (!origin.keeps_chain) origin.address = {};
    if (request.count(FieldName::x_forwarded_proto) == 1) {
        const std::string_view scheme = request.find(FieldName::x_forwarded_proto)->value;
        if (scheme == "https" || scheme == "http") origin.scheme = scheme;
    }
    if (request.count(FieldName::x_forwarded_host) == 1)
        origin.forwarded_host = request.find(FieldName::x_forwarded_host)->value;
    return origin;
}

bool accepts_authority(std::string_view authority, const std::vector<std::string>& accepted) {
    if (accepted.empty()) return true;
    return std::any_of(accepted.begin(), accepted.end(), [&](const std::string& candidate) {
        return equal_ignoring_case(authority, candidate);
    });
}

}  // namespace kwikgate::gateway::http
