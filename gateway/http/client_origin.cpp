#include "gateway/http/client_origin.hpp"

#include <algorithm>

#include "auth/address_text.hpp"
#include "auth/authority.hpp"
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
            const auto parsed = auth::parse_forwarded_node(hop);
            if (!parsed || auth::is_unspecified(*parsed)) return Walk::unknown;
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

/// The last word of a list that may have several lines; empty words do not count.
std::string_view last_word(const auth::RequestView& request, auth::FieldName name) {
    for (std::size_t i = request.fields.size(); i-- > 0;) {
        if (request.fields[i].known != name) continue;
        std::string_view line = trim_ows(request.fields[i].value);
        while (line.ends_with(',')) line = trim_ows(line.substr(0, line.size() - 1));
        if (!line.empty()) return trim_ows(line.substr(line.rfind(',') + 1));
    }
    return {};
}

/// A literal for one of the two schemes, else empty.
std::string_view known_scheme(std::string_view word) {
    for (const std::string_view scheme : {"https", "http"})
        if (equal_ignoring_case(word, scheme)) return scheme;
    return {};
}

}  // namespace

bool is_trusted(const auth::IpAddress& address, const std::vector<store::IpRange>& trusted) {
    return !auth::is_unspecified(address) &&
           std::any_of(trusted.begin(), trusted.end(),
                       [&](const store::IpRange& range) { return range.contains(address); });
}

ClientOrigin find_client_origin(const auth::RequestView& request, const auth::IpAddress& peer,
                                std::string_view listener_scheme,
                                const std::vector<store::IpRange>& trusted_proxies) {
    ClientOrigin origin;
    if (!auth::is_unspecified(peer)) origin.address = peer;
    origin.scheme = listener_scheme;
    if (trusted_proxies.empty() || !is_trusted(peer, trusted_proxies)) return origin;
    origin.is_proxied = true;
    using auth::FieldName;
    origin.keeps_chain = find_in_chain(request, trusted_proxies, origin.address) != Walk::unknown;
    if (!origin.keeps_chain) origin.address = {};
    const auto scheme = known_scheme(last_word(request, FieldName::x_forwarded_proto));
    if (!scheme.empty()) {
        origin.scheme = scheme;
        origin.scheme_source = OriginSource::forwarded;
    }
    if (request.count(FieldName::x_forwarded_host) == 1)
        origin.forwarded_host = request.find(FieldName::x_forwarded_host)->value;
    return origin;
}

std::string_view forwarded_authority(const auth::RequestView& request) {
    return last_word(request, auth::FieldName::x_forwarded_host);
}

bool accepts_authority(std::string_view authority, std::string_view scheme,
                       const std::vector<std::string>& accepted) {
    const auto is_written_so = [&](const std::string& candidate) {
        return equal_ignoring_case(authority, candidate);
    };
    if (accepted.empty() || std::any_of(accepted.begin(), accepted.end(), is_written_so))
        return true;
    const auto asked = auth::parse_authority(authority);
    return asked &&
           std::any_of(accepted.begin(), accepted.end(), [&](const std::string& candidate) {
               const auto known = auth::parse_authority(candidate);
               return known && auth::is_same_authority(*asked, *known, scheme);
           });
}

}  // namespace kwikgate::gateway::http
