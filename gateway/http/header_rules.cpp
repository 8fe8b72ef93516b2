#include "gateway/http/header_rules.hpp"

#include <algorithm>
#include <array>

#include "gateway/http/char_class.hpp"
#include "gateway/http/folded_names.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::FieldName;

// The one list of request fields that are never forwarded, in whatever spelling folds into them,
// in addition to the known names in `judge_request_field`. docs/configuration.md, "What the
// upstream gets", has them with the reasons.

/// Consumed, or set by the gateway itself.
constexpr std::array<std::string_view, 3> kOurPrefixes{"x-kwik-", "x-forwarded-", "proxy-"};

/// Withheld: by each of them a client could make an upstream see another request or client than the
/// one that was judged.
constexpr std::array<std::string_view, 9> kWithheld{
    "proxy",          // CGI: HTTP_PROXY, which libraries read as a proxy to use ("httpoxy").
    "x-real-ip",      // The client's address.
    "x-http-method",  // The method, in place of the request line's.
    "x-http-method-override",
    "x-method-override",
    "x-original-method",
    "x-original-uri",  // The target, likewise.
    "x-original-url",
    "x-rewrite-url"};

FieldFate judge_by_name(std::string_view name) {
    const char first = to_lower(name.front());
    if (first == 'x' || first == 'p') {
        if (std::any_of(kOurPrefixes.begin(), kOurPrefixes.end(),
                        [name](std::string_view n) { return folds_to_prefix(name, n); }))
            return FieldFate::drop;
        if (std::any_of(kWithheld.begin(), kWithheld.end(),
                        [name](std::string_view n) { return folds_to(name, n); }))
            return FieldFate::withhold;
    }
    return known_by_folding(name) == FieldName::other ? FieldFate::forward : FieldFate::withhold;
}

bool is_hop_by_hop(FieldName name) {
    switch (name) {
        case FieldName::connection:
        case FieldName::http2_settings:
        case FieldName::keep_alive:
        case FieldName::proxy_authenticate:
        case FieldName::proxy_authorization:
        case FieldName::proxy_connection:
        case FieldName::te:
        case FieldName::trailer:
        case FieldName::transfer_encoding:
        case FieldName::upgrade:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool is_identity_header(std::string_view name) {
    return folds_to_prefix(name, "x-kwik-");
}

FieldFate judge_request_field(const auth::FieldLine& line) {
    switch (line.known) {
        case FieldName::other:
            break;
        case FieldName::authorization:
        case FieldName::signature:
        case FieldName::signature_input:
            return FieldFate::credential;
        case FieldName::content_length:
        case FieldName::expect:
        case FieldName::forwarded:
        case FieldName::host:
        case FieldName::traceparent:
        case FieldName::x_forwarded_for:
        case FieldName::x_forwarded_host:
        case FieldName::x_forwarded_proto:
        case FieldName::x_request_id:
            return FieldFate::drop;
        default:
            return is_hop_by_hop(line.known) ? FieldFate::drop : FieldFate::keep;
    }
    return judge_by_name(line.name);
}

bool is_dropped_from_response(const auth::FieldLine& line, unsigned status) {
    if (status == 426 && line.known == FieldName::upgrade) return false;
    if (status == 407 && line.known == FieldName::proxy_authenticate) return false;
    if (line.known == FieldName::other)
        return to_lower(line.name.front()) == 'p' && folds_to_prefix(line.name, "proxy-");
    return is_hop_by_hop(line.known) || line.known == FieldName::content_length ||
           line.known == FieldName::x_request_id;
}

}  // namespace kwikgate::gateway::http
