#include "gateway/http/cors.hpp"

#include "auth/request_origin.hpp"
#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {
namespace {

constexpr std::string_view kRequestMethod = "access-control-request-method";
constexpr std::string_view kPrefix = "access-control-";

}  // namespace

std::string_view preflight_method(const auth::RequestView& request) {
    if (request.method != "OPTIONS" || auth::request_origin(request).empty()) return {};
    for (const auth::FieldLine& line : request.fields)
        if (equal_ignoring_case(line.name, kRequestMethod)) return line.value;
    return {};
}

bool is_cors_field(std::string_view name) {
    return name.size() > kPrefix.size() &&
           equal_ignoring_case(name.substr(0, kPrefix.size()), kPrefix);
}

void append_cors_fields(std::string_view origin, std::string& out) {
    out.append("Access-Control-Allow-Origin: ").append(origin);
    out.append(
        "\r\nAccess-Control-Expose-Headers: X-Request-Id, Retry-After, RateLimit, RateLimit-Policy"
        "\r\nVary: Origin\r\n");
}

void write_preflight_reply(const PreflightReply& reply, std::string& out) {
    out.append("HTTP/1.1 204 No Content\r\n");
    if (!reply.date.empty()) out.append("Date: ").append(reply.date).append("\r\n");
    out.append("Access-Control-Allow-Origin: ").append(reply.origin);
    out.append("\r\nAccess-Control-Allow-Methods: ").append(reply.method);
    // What a form needs. Authorization and Signature are not among them: a page has no secret.
    out.append(
        "\r\nAccess-Control-Allow-Headers: Content-Type, X-Request-Id, Traceparent, Tracestate"
        "\r\nAccess-Control-Max-Age: 600"
        "\r\nVary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        "\r\nX-Request-Id: ");
    out.append(reply.request_id).append("\r\nConnection: ");
    out.append(reply.keep_alive ? "keep-alive" : "close").append("\r\n\r\n");
}

}  // namespace kwikgate::gateway::http
