#include "gateway/http/header_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::FieldName;

/// As CGI and its imitators fold: one case, one separator.
char fold(char c) {
    return is_class(c, kAlphanumeric) ? to_lower(c) : '-';
}

bool folds_to_prefix(std::string_view name, std::string_view prefix) {
    if (name.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i)
        if (fold(name[i]) != prefix[i]) return false;
    return true;
}

bool folds_to(std::string_view name, std::string_view folded) {
    return name.size() == folded.size() && folds_to_prefix(name, folded);
}

/// True when a name that is not spelled as a known one becomes one by folding.
bool folds_to_known(std::string_view name) {
    constexpr std::size_t kLongestKnown = 32;
    if (name.size() > kLongestKnown) return false;
    const bool is_plain = std::all_of(
        name.begin(), name.end(), [](char c) { return c == '-' || is_class(c, kAlphanumeric); });
    if (is_plain) return false;
    std::array<char, kLongestKnown> folded{};
    std::transform(name.begin(), name.end(), folded.begin(), fold);
    return auth::field_name({folded.data(), name.size()}) != FieldName::other;
}

/// Names by which frameworks replace the method or the target of the request line.
bool overrides_request_line(std::string_view name) {
    constexpr std::array<std::string_view, 7> kNames{
        "x-http-method-override", "x-method-override", "x-http-method",    "x-original-url",
        "x-original-uri",         "x-rewrite-url",     "x-original-method"};
    return std::any_of(kNames.begin(), kNames.end(),
                       [name](std::string_view n) { return folds_to(name, n); });
}

bool is_dropped_by_name(std::string_view name) {
    const char first = to_lower(name.front());
    if (first == 'x')
        return is_identity_header(name) || folds_to_prefix(name, "x-forwarded-") ||
               folds_to(name, "x-real-ip") || overrides_request_line(name) || folds_to_known(name);
    if (first == 'p' && folds_to_prefix(name, "proxy-")) return true;
    return folds_to_known(name);
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
    return is_dropped_by_name(line.name) ? FieldFate::drop : FieldFate::forward;
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
