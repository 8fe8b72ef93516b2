#include "gateway/http/forwarding.hpp"

#include <array>
#include <cassert>
#include <charconv>

#include "gateway/http/char_class.hpp"
#include "gateway/http/cors.hpp"
#include "gateway/http/field_scanner.hpp"
#include "gateway/http/header_rules.hpp"
#include "gateway/http/identity_signature.hpp"
#include "gateway/http/named_by_connection.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::FieldLine;
using auth::FieldName;

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

/// For values of our own making or from validated data: a broken one is our bug, and is left out
/// rather than let it start another line.
void append_own_field(std::string& out, std::string_view name, std::string_view value) {
    const bool is_sound = is_field_value(value);
    assert(is_sound);
    if (is_sound) append_field(out, name, value);
}

void append_own_field(std::string& out, std::string_view name, std::uint64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    append_field(out, name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

bool is_forwarded(const FieldLine& line, const ForwardingContext& context,
                  const NamedByConnection& named) {
    switch (judge_request_field(line)) {
        case FieldFate::forward:
            return !named.contains(line.name);
        case FieldFate::keep:
            // The state belongs to the trace that was sent (W3C Trace Context, 3.3.1.1).
            return line.known != FieldName::tracestate || context.continues_trace;
        case FieldFate::credential:
            // A replaced credential leaves no trace of the client's, its signature included.
            return context.credentials == CredentialHandling::pass;
        case FieldFate::drop:
        case FieldFate::withhold:
            break;
    }
    return false;
}

void append_request_framing(std::string& out, const ForwardingContext& context) {
    if (context.framing == BodyFraming::chunked) {
        append_field(out, "Transfer-Encoding", "chunked");
        return;
    }
    // RFC 9110, 8.6: methods that expect a body say that there is none.
    const bool expects_body =
        context.method == "POST" || context.method == "PUT" || context.method == "PATCH";
    if (context.framing == BodyFraming::content_length)
        append_own_field(out, "Content-Length", context.content_length);
    else if (expects_body)
        append_field(out, "Content-Length", "0");
}

/// Lines are one list (RFC 9110, 5.3), and we are its next element.
void append_chain(std::string& out, const RequestHead& head, const ForwardingContext& context) {
    const bool is_sound = is_field_value(context.client_address);
    assert(is_sound);
    if (context.client_address.empty() || !is_sound) return;
    out.append("X-Forwarded-For: ");
    for (const FieldLine& line : head.fields)
        if (context.keeps_chain && line.known == FieldName::x_forwarded_for && !line.value.empty())
            out.append(line.value).append(", ");
    out.append(context.client_address).append("\r\n");
}

void append_forwarded(std::string& out, const ForwardingContext& context) {
    if (!context.scheme.empty()) append_own_field(out, "X-Forwarded-Proto", context.scheme);
    if (!context.forwarded_host.empty())
        append_own_field(out, "X-Forwarded-Host", context.forwarded_host);
    if (!context.request_id.empty()) append_own_field(out, "X-Request-Id", context.request_id);
    if (!context.traceparent.empty()) append_own_field(out, "traceparent", context.traceparent);
}

/// RFC 9110, 7.6.3: the version in which the message was received, and who received it. A line of
/// its own behind those of others.
void append_via(std::string& out, Version received, std::string_view pseudonym) {
    if (pseudonym.empty()) return;
    out.append(received == Version::http_1_1 ? "Via: 1.1 " : "Via: 1.0 ");
    out.append(pseudonym).append("\r\n");
}

void append_identity(std::string& out, const RequestHead& head, const ForwardingContext& context) {
    if (context.principal == nullptr) return;
    const auth::Principal& principal = *context.principal;
    std::array<char, 20> digits{};
    IdentityFields fields;
    fields.add("X-Kwik-Access", auth::to_token(context.access));
    fields.add("X-Kwik-Account", principal.account.view());
    fields.add("X-Kwik-Client-Certificate", context.client_certificate);
    fields.add("X-Kwik-Environment", auth::to_token(principal.environment));
    fields.add("X-Kwik-Scheme", auth::to_token(principal.scheme));
    fields.add("X-Kwik-Section", context.section);
    if (context.identity_key != nullptr) {
        const auto end =
            std::to_chars(digits.data(), digits.data() + digits.size(), context.sent_at).ptr;
        fields.add("X-Kwik-Time", {digits.data(), static_cast<std::size_t>(end - digits.data())});
    }
    fields.add("X-Kwik-Token", principal.id.view());
    fields.append_to(out);
    if (context.identity_key != nullptr)
        fields.append_signature(*context.identity_key, head, context.request_id, out);
}

}  // namespace

void write_upstream_request_head(const RequestHead& head, const ForwardingContext& context,
                                 std::string& out) {
    out.clear();
    out.append(head.method).push_back(' ');
    out.append(head.path);
    if (head.has_query) out.append("?").append(head.query);
    out.append(" HTTP/1.1\r\n");
    append_own_field(out, "Host", context.host.empty() ? head.authority : context.host);
    const NamedByConnection named{head.fields};
    for (const FieldLine& line : head.fields) {
        if (!is_forwarded(line, context, named)) continue;
        if (head.max_forwards > 0 && equal_ignoring_case(line.name, "max-forwards"))
            append_own_field(out, line.name, static_cast<std::uint64_t>(head.max_forwards - 1));
        else
            append_field(out, line.name, line.value);
    }
    if (context.credentials == CredentialHandling::replace &&
        !context.replacement_authorization.empty())
        append_own_field(out, "Authorization", context.replacement_authorization);
    append_request_framing(out, context);
    append_via(out, head.version, context.via);
    append_chain(out, head, context);
    append_forwarded(out, context);
    append_identity(out, head, context);
    out.append("\r\n");
}

void write_downstream_response_head(const ResponseHead& head, const ResponseForwarding& context,
                                    std::string& out) {
    out.clear();
    out.append("HTTP/1.1 ");
    std::array<char, 12> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), head.status).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out.append(" ").append(head.reason_phrase).append("\r\n");
    const NamedByConnection named{head.fields};
    bool has_upgrade = false;
    bool has_date = false;
    for (const FieldLine& line : head.fields) {
        has_date = has_date || line.known == FieldName::date;
        const bool is_removable = line.known == FieldName::other;
        if (is_dropped_from_response(line, head.status)) continue;
        if (is_removable && named.contains(line.name)) continue;
        has_upgrade = has_upgrade || line.known == FieldName::upgrade;
        if (!context.cors_origin.empty() && is_cors_field(line.name)) continue;
        append_field(out, line.name, line.value);
    }
    // RFC 9110, 6.6.1: whoever receives an answer without one adds it.
    if (!has_date && !context.date.empty()) append_own_field(out, "Date", context.date);
    append_via(out, head.version, context.via);
    const bool may_have_length = head.status >= 200 && head.status != 204;
    if (context.framing == BodyFraming::chunked)
        append_field(out, "Transfer-Encoding", "chunked");
    else if (may_have_length &&
             (context.has_content_length || context.framing == BodyFraming::content_length))
        append_own_field(out, "Content-Length", context.content_length);
    if (!context.request_id.empty()) append_own_field(out, "X-Request-Id", context.request_id);
    if (!context.cors_origin.empty()) append_cors_fields(context.cors_origin, out);
    if (!context.keep_alive || context.framing == BodyFraming::until_close)
        append_field(out, "Connection", "close");
    else if (context.client_version == Version::http_1_0)
        append_field(out, "Connection", "keep-alive");
    if (has_upgrade) append_field(out, "Connection", "upgrade");  // RFC 9110, 7.8.
    out.append("\r\n");
}

}  // namespace kwikgate::gateway::http
