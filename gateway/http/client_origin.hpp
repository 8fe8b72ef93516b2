#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/request_view.hpp"

namespace kwikgate::gateway::http {

/// Where something that is known of a request comes from.
enum class OriginSource : std::uint8_t {
    connection,  ///< The peer's address, the listener's scheme, the Host field.
    forwarded,   ///< A trusted proxy's X-Forwarded-For, -Proto or -Host.
};

/// Who called and how, as far as that can be believed.
struct ClientOrigin {
    /// The right-most hop that is not a trusted proxy. "::" when nobody knows it: that address is
    /// in no list, whatever the list holds.
    auth::IpAddress address;
    bool keeps_chain = false;         ///< The client's X-Forwarded-For is to be carried on.
    std::string_view forwarded_host;  ///< As the proxy told it; empty: the request's own authority.
    std::string_view scheme;          ///< "http" or "https".
    OriginSource scheme_source = OriginSource::connection;
    bool is_proxied = false;
};

/// False for "::", whatever `trusted` holds: it stands for nobody.
bool is_trusted(const auth::IpAddress& address, const std::vector<store::IpRange>& trusted);

/// Takes X-Forwarded-For, -Proto and -Host into account when `peer` is a trusted proxy, and only
/// then. Several lines of one name are one list (RFC 9110, 5.3): a proxy may add a line of its own
/// behind the client's. Of -Proto the last word counts, which the nearest proxy wrote, in any case;
/// anything but http and https says nothing. A hop may have a port, brackets, quotes or `for=`
/// (`auth::parse_forwarded_node`). Where a trusted proxy names something that is no address, nobody
/// knows the client.
/// **Cost**: nothing but a comparison for a peer that is not trusted; no allocation.
ClientOrigin find_client_origin(const auth::RequestView& request, const auth::IpAddress& peer,
                                std::string_view listener_scheme,
                                const std::vector<store::IpRange>& trusted_proxies);

/// What the nearest proxy says the client asked for: the last word of X-Forwarded-Host, empty when
/// there is none. Nobody has judged it. Worth something from a trusted proxy only.
std::string_view forwarded_authority(const auth::RequestView& request);

/// True when `authority` names the same place under `scheme` as one of `accepted`, or none is
/// configured. **Cost**: one comparison a name.
bool accepts_authority(std::string_view authority, std::string_view scheme,
                       const std::vector<std::string>& accepted);

}  // namespace kwikgate::gateway::http
