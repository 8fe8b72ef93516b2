#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "auth/vocabulary.hpp"

namespace kwikgate::auth {

/// Field names that the gateway itself understands; everything else is `other`.
enum class FieldName : std::uint8_t {
    other,
    accept,
    authorization,
    connection,
    content_digest,
    content_length,
    content_type,
    expect,
    forwarded,
    host,
    http2_settings,
    keep_alive,
    origin,
    proxy_authenticate,
    proxy_authorization,
    proxy_connection,
    signature,
    signature_input,
    te,
    trailer,
    traceparent,
    tracestate,
    transfer_encoding,
    upgrade,
    via,
    x_forwarded_for,
    x_forwarded_host,
    x_forwarded_proto,
    x_request_id,
    date,
    server,
    retry_after,
};

/// Looks a name up without regard to case. **Cost**: length switch and one compare; no allocation.
FieldName field_name(std::string_view name);

/// One field line as it stood on the wire, value without surrounding white space.
struct FieldLine {
    std::string_view name;
    std::string_view value;
    FieldName known = FieldName::other;
};

/// A request as every layer above the wire sees it: no socket, no parser type. **Borrows** the
/// connection's buffer; taken when the header was complete, so no trailer can enter it.
struct RequestView {
    std::string_view method;
    std::string_view target;     ///< As sent.
    std::string_view path;       ///< As sent, starts with '/'.
    std::string_view query;      ///< As sent, without '?'; see has_query.
    bool has_query = false;      ///< "/a?" has an empty query.
    std::string_view authority;  ///< The Host field (or absolute-form authority), as sent.
    std::string_view scheme;     ///< "http" or "https" as the client used it.
    std::span<const FieldLine> fields;
    bool has_body = false;  ///< Framing announces a body (Content-Length > 0 or chunked).
    IpAddress client;       ///< After trusted proxies were taken into account.

    /// First line of that name, or nullptr.
    const FieldLine* find(FieldName name) const {
        for (const FieldLine& line : fields)
            if (line.known == name) return &line;
        return nullptr;
    }
    /// How many lines have that name.
    unsigned count(FieldName name) const {
        unsigned n = 0;
        for (const FieldLine& line : fields) n += line.known == name ? 1U : 0U;
        return n;
    }
};

}  // namespace kwikgate::auth
