#include "gateway/http/local_reply.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

#include "auth/json_text.hpp"
#include "gateway/http/accept.hpp"
#include "gateway/http/cors.hpp"
#include "gateway/http/field_scanner.hpp"
#include "gateway/http/status_phrase.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::Reason;
using auth::ReasonRow;

void append_number(std::string& out, std::uint64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

/// A value that could start another line is our bug: left out rather than sent.
void append_field(std::string& out, std::string_view name, std::string_view value) {
    assert(is_field_value(value));
    if (!is_field_value(value)) return;
    out.append(name).append(": ").append(value).append("\r\n");
}

void append_field(std::string& out, std::string_view name, std::uint64_t value) {
    out.append(name).append(": ");
    append_number(out, value);
    out.append("\r\n");
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out.append("\"").append(name).append("\":");
    auth::append_json_string(out, text);
}

/// The cause in words, and `"signature_base": [line, line, …]`: one array member a line, so that a
/// reader can compare them. Behind it the authority and the scheme, which a proxy may have changed.
void append_signature(std::string& out, const LocalReply& reply) {
    out.push_back('{');
    append_member(out, "cause", reply.signature_cause);
    out.push_back(',');
    append_member(out, "detail", reply.signature_words);
    out.push_back(',');
    append_member(out, "advice", reply.signature_advice);
    out.append(",\"signature_base\":[");
    std::string_view base = reply.signature_base;
    for (;;) {
        const std::size_t end = base.find('\n');
        auth::append_json_string(out, base.substr(0, end));
        if (end == std::string_view::npos) break;
        out.push_back(',');
        base.remove_prefix(end + 1);
    }
    out.append("],");
    append_member(out, "authority", reply.authority);
    out.push_back(',');
    append_member(out, "authority_from", reply.authority_from);
    out.push_back(',');
    append_member(out, "scheme", reply.scheme);
    out.push_back(',');
    append_member(out, "scheme_from", reply.scheme_from);
    out.push_back('}');
}

void append_details(std::string& out, const LocalReply& reply) {
    out.append("\"error_details\":[");
    if (reply.reason == Reason::section_not_granted || reply.reason == Reason::write_not_granted) {
        out.push_back('{');
        append_member(out, "section", reply.needed_section);
        out.push_back(',');
        append_member(out, "needed", auth::to_token(reply.needed_access));
        out.push_back(',');
        append_member(out, "held", reply.held_access);
        out.push_back('}');
    } else if (!reply.signature_base.empty()) {
        append_signature(out, reply);
    }
    out.append("],");
}

void append_kwik_body(std::string& out, const LocalReply& reply, const ReasonRow& row) {
    out.append("{\"status\":false,");
    append_member(out, "error_code", row.error_code);
    out.push_back(',');
    append_member(out, "error_message", row.message);
    out.push_back(',');
    append_member(out, "reason", row.token);
    out.push_back(',');
    append_details(out, reply);
    append_member(out, "request_id", reply.request_id);
    out.append("}\n");
}

/// RFC 9457: type is about:blank, so the title is the status's; ours are extension members.
void append_problem_body(std::string& out, const LocalReply& reply, const ReasonRow& row) {
    out.append("{\"type\":\"about:blank\",");
    append_member(out, "title", status_phrase(row.status));
    out.append(",\"status\":");
    append_number(out, row.status);
    out.push_back(',');
    append_member(out, "detail", row.message);
    out.push_back(',');
    append_member(out, "error_code", row.error_code);
    out.push_back(',');
    append_member(out, "reason", row.token);
    out.push_back(',');
    append_details(out, reply);
    append_member(out, "request_id", reply.request_id);
    out.append("}\n");
}

void append_challenges(std::string& out, const LocalReply& reply) {
    if (reply.offers_basic)
        append_field(out, "WWW-Authenticate", "Basic realm=\"kwikgate\", charset=\"UTF-8\"");
    if (reply.offers_signature)
        append_field(out, "WWW-Authenticate", "Signature realm=\"kwikgate\"");
    // Not a registered scheme, but a 401 has to name one (RFC 9110, 15.5.2).
    if (reply.offers_public_key)
        append_field(out, "WWW-Authenticate", "PublicKey realm=\"kwikgate\"");
    if (reply.offers_signature && !reply.accept_signature.empty())
        append_field(out, "Accept-Signature", reply.accept_signature);
}

/// draft-ietf-httpapi-ratelimit-headers: the one policy that refused.
void append_rate_limit(std::string& out, const LocalReply& reply) {
    out.append("RateLimit-Policy: \"").append(reply.limit_policy).append("\";q=");
    append_number(out, reply.limit_quota);
    out.append(";w=");
    append_number(out, reply.limit_window_seconds);
    if (reply.limit_burst != 0) {
        out.append(";burst=");
        append_number(out, reply.limit_burst);
    }
    out.append("\r\nRateLimit: \"").append(reply.limit_policy).append("\";r=");
    append_number(out, reply.limit_remaining);
    out.append(";t=");
    append_number(out, reply.retry_after_seconds);
    out.append("\r\n");
}

void append_head(std::string& out, const LocalReply& reply, const ReasonRow& row,
                 std::string_view content_type, std::size_t content_length) {
    out.append("HTTP/1.1 ");
    append_number(out, row.status);
    out.append(" ").append(status_phrase(row.status)).append("\r\n");
    if (!reply.date.empty()) append_field(out, "Date", reply.date);
    append_field(out, "Content-Type", content_type);
    append_field(out, "Content-Length", content_length);
    append_field(out, "Cache-Control", "no-store");
    if (!reply.request_id.empty()) append_field(out, "X-Request-Id", reply.request_id);
    if (!reply.cors_origin.empty()) append_cors_fields(reply.cors_origin, out);
    if (row.challenges) append_challenges(out, reply);
    if (reply.reason == Reason::method_not_allowed) append_field(out, "Allow", reply.allow);
    if (row.retry_after) append_field(out, "Retry-After", reply.retry_after_seconds);
    if (reply.limit_quota != 0) append_rate_limit(out, reply);
    // Always said: it costs 24 bytes on a rare answer and serves HTTP/1.0 clients too.
    const bool keep_alive = reply.keep_alive && !row.closes_connection;
    append_field(out, "Connection", keep_alive ? "keep-alive" : "close");
    out.append("\r\n");
}

}  // namespace

void write_local_reply(const LocalReply& reply, std::string& out) {
    const ReasonRow& row = auth::row(reply.reason);
    const bool as_problem = prefers_problem_json(reply.accept);
    const auto start = static_cast<std::string::difference_type>(out.size());
    if (as_problem)
        append_problem_body(out, reply, row);
    else
        append_kwik_body(out, reply, row);
    const auto body_bytes = static_cast<std::string::difference_type>(out.size()) - start;
    if (reply.head_request) out.resize(static_cast<std::size_t>(start));
    append_head(out, reply, row, as_problem ? "application/problem+json" : "application/json",
                static_cast<std::size_t>(body_bytes));
    // The head needs the body's length, so the body was written first: now it goes behind.
    if (!reply.head_request)
        std::rotate(out.begin() + start, out.begin() + start + body_bytes, out.end());
}

void write_options_reply(std::string_view allow, std::string_view request_id, bool keep_alive,
                         std::string& out) {
    out.append("HTTP/1.1 204 No Content\r\n");
    append_field(out, "Allow", allow);
    append_field(out, "X-Request-Id", request_id);
    append_field(out, "Connection", keep_alive ? "keep-alive" : "close");
    out.append("\r\n");
}

}  // namespace kwikgate::gateway::http
