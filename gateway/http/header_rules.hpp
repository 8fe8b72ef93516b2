#pragma once

#include <cstdint>
#include <string_view>

#include "auth/request_view.hpp"

/// Which field names may cross the gateway. One judgement for each direction, by name alone.
/// **Spec**: RFC 9110 7.6.1 (hop-by-hop), RFC 3875 4.1.18 (names folded by upstreams).
namespace kwikgate::gateway::http {

/// What happens to a client's field on its way upstream.
enum class FieldFate : std::uint8_t {
    forward,     ///< Unless Connection names it.
    keep,        ///< Even if Connection names it: the gateway or the upstream decides by it.
    credential,  ///< As the upstream's credential handling says.
    drop,        ///< Hop-by-hop, framing, identity: consumed or set by the gateway itself.
    withhold,    ///< Never forwarded, since an upstream could be misled by it.
};

/// True for names that an upstream could fold into an identity header: `X-Kwik-…` with any mix of
/// case, where every character but letters and digits counts as the hyphen (CGI turns '-' into '_',
/// and some servers all others too).
bool is_identity_header(std::string_view name);

/// Judges a request field. Dropped are: hop-by-hop fields, `Proxy-*`, framing, Expect, Host,
/// identity headers, X-Request-Id, traceparent, Forwarded, `X-Forwarded-*`. Withheld are: Proxy,
/// X-Real-IP; fields with which a client could make an upstream see another method or path than the
/// one that was authorised (X-HTTP-Method-Override, X-Original-URL and their relatives); and every
/// name that is not spelled as a known one but folds into it (`content_length`).
/// **Cost**: a switch for most names; no allocation.
FieldFate judge_request_field(const auth::FieldLine& line);

/// True when a response field is left out: hop-by-hop, `Proxy-*`, framing, X-Request-Id. Kept is
/// what an answer cannot be understood without: `Upgrade` of a 426 (RFC 9110, 15.5.22) and
/// `Proxy-Authenticate` of a 407 (15.5.8).
bool is_dropped_from_response(const auth::FieldLine& line, unsigned status);

}  // namespace kwikgate::gateway::http
