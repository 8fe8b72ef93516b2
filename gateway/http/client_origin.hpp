#pragma once

#include <string_view>
#include <vector>

#include "auth/request_view.hpp"

namespace kwikgate::gateway::http {

/// Who called and how, as far as that can be believed.
struct ClientOrigin {
    auth::IpAddress address;          ///< The right-most hop that is not a trusted proxy.
    bool keeps_chain = false;         ///< The client's X-Forwarded-For is to be carried on.
    std::string_view forwarded_host;  ///< As the proxy told it; empty: the request's own authority.
    std::string_view scheme;          ///< "http" or "https".
    bool is_proxied = false;
};

bool is_trusted(const auth::IpAddress& address, const std::vector<store::IpRange>& trusted);

/// Takes X-Forwarded-For, -Proto and -Host into account when `peer` is a trusted proxy, and only
/// then. Several lines of X-Forwarded-For are one list (RFC 9110, 5.3): a proxy may add a line of
/// its own behind the client's. Where a trusted proxy names something that is no address, nobody
/// knows the client: its address is the unspecified one, which no rule but "everybody" allows, and
/// not that of the proxy.
/// **Cost**: nothing but a comparison for a peer that is not trusted; no allocation.
ClientOrigin find_client_origin(const auth::RequestView& request, const auth::IpAddress& peer,
                                std::string_view listener_scheme,
                                const std::vector<store::IpRange>& trusted_proxies);

/// True when `authority` is one of `accepted` (without regard to case), or none is configured.
bool accepts_authority(std::string_view authority, const std::vector<std::string>& accepted);

}  // namespace kwikgate::gateway::http
