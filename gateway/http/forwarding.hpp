#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/principal.hpp"
#include "auth/signature/sha2.hpp"
#include "gateway/config/config.hpp"
#include "gateway/http/message.hpp"

namespace kwikgate::gateway::http {

/// Everything that goes upstream beside the client's own fields.
struct ForwardingContext {
    std::string_view host;  ///< Host to send; empty: the client's authority.
    CredentialHandling credentials = CredentialHandling::strip;
    std::string_view replacement_authorization;  ///< A whole field value, for `replace`.
    std::string_view request_id;
    std::string_view traceparent;         ///< To send (the client's, carried on, or a new one).
    bool continues_trace = false;         ///< It is the client's: its tracestate goes with it.
    std::string_view client_address;      ///< Text form of the peer, appended to X-Forwarded-For.
    bool keeps_chain = false;             ///< X-Forwarded-For is a trusted proxy's: carry it on.
    std::string_view scheme;              ///< For X-Forwarded-Proto.
    std::string_view forwarded_host;      ///< For X-Forwarded-Host.
    std::string_view client_certificate;  ///< Subject of the client's verified one; empty: none.
    const auth::Principal* principal = nullptr;  ///< Null on a route without a section or token.
    std::string_view section;                    ///< Slug; empty: none.
    auth::Access access = auth::Access::read;
    /// How the body is framed upstream: re-serialised, never passed through.
    BodyFraming framing = BodyFraming::none;
    std::uint64_t content_length = 0;
    std::string_view method;
    std::string_view via;                               ///< Our name in Via; empty: none is added.
    const auth::HmacSha256Key* identity_key = nullptr;  ///< Null: no X-Kwik-Signature.
    std::int64_t sent_at = 0;  ///< Seconds since the epoch, for X-Kwik-Time. With `identity_key`.
};

/// Writes the request head for the upstream into `out` (cleared, capacity kept): hop-by-hop fields
/// (RFC 9110, 7.6.1: the fixed ones and those that Connection names), framing, credentials and
/// inbound identity headers left out, ours set (`header_rules.hpp` has the list). `Connection` of
/// the client can remove only fields that the gateway does not know: neither what it sets nor what
/// it decides by, whatever is named there. `strip` and `replace` remove Authorization, Signature
/// and Signature-Input. A request without Host (HTTP/1.0) and without `context.host` gets an empty
/// Host.
/// **Cost**: one pass; allocates only while `out` grows.
void write_upstream_request_head(const RequestHead& head, const ForwardingContext& context,
                                 std::string& out);

struct ResponseForwarding {
    std::string_view request_id;
    BodyFraming framing =
        BodyFraming::none;  ///< Downstream framing; `until_close` for HTTP/1.0 clients.
    std::uint64_t content_length = 0;
    bool has_content_length =
        false;  ///< Send Content-Length (also on HEAD and 304 where upstream had it).
    bool keep_alive = true;
    Version client_version = Version::http_1_1;
    std::string_view cors_origin;  ///< Set: our CORS fields in place of the upstream's.
    std::string_view date;         ///< For an answer that has no Date.
    std::string_view via;          ///< Our name in Via; empty: none is added.
};

/// Writes the response head for the client: hop-by-hop fields out, framing ours, X-Request-Id set,
/// Date added where it is missing, and Via.
void write_downstream_response_head(const ResponseHead& head, const ResponseForwarding& context,
                                    std::string& out);

}  // namespace kwikgate::gateway::http
