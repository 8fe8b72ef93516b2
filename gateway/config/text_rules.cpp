#include "gateway/config/text_rules.hpp"

#include <algorithm>

#include "auth/address_text.hpp"
#include "auth/ascii.hpp"
#include "auth/authority.hpp"
#include "auth/ip_rules.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kLongestName = 64;

using auth::is_alphanumeric;

bool is_lower_or_digit(char c) {
    return auth::is_lower(c) || auth::is_digit(c);
}

/// RFC 9110 `tchar` in lower case.
bool is_token_char(char c) {
    return is_lower_or_digit(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// A host that a resolver may look up: what a slip of the keyboard leaves is not configured.
bool has_sound_host(const std::optional<auth::Authority>& authority) {
    return authority && (authority->is_ipv6 || auth::is_resolvable_name(authority->host));
}

/// For messages: `text` without what stands where a port should.
std::string_view before_port(std::string_view text) {
    const std::size_t bracket = text.rfind(']');
    const std::size_t colon = text.rfind(':');
    const bool has_port = bracket == std::string_view::npos || colon > bracket;
    return has_port ? text.substr(0, colon) : text;
}

bool is_port(std::string_view text, unsigned least) {
    const auto port = auth::parse_port(text);
    return port && *port >= least;
}

}  // namespace

TextProblem any_text_problem(std::string_view) {
    return std::nullopt;
}

TextProblem not_empty_problem(std::string_view text) {
    if (text.empty()) return "is empty";
    return std::nullopt;
}

TextProblem name_problem(std::string_view text) {
    if (text.empty() || text.size() > kLongestName) return "must have 1 to 64 characters";
    for (const char c : text)
        if (!is_alphanumeric(c) && c != '_' && c != '-' && c != '.')
            return "may hold letters, digits, '_', '-' and '.' only";
    return std::nullopt;
}

TextProblem slug_problem(std::string_view text) {
    if (text.empty() || text.size() > kLongestName) return "must have 1 to 64 characters";
    for (const char c : text)
        if (!is_lower_or_digit(c) && c != '-')
            return "may hold lower-case letters, digits and '-' only";
    if (text.front() == '-' || text.back() == '-') return "may not start or end with '-'";
    return std::nullopt;
}

TextProblem listen_address_problem(std::string_view text) {
    const auto address = auth::parse_address_text(text);
    if (address && address->has_port) return std::nullopt;
    const std::size_t colon = text.rfind(':');
    if (address || colon == std::string_view::npos || !is_port(text.substr(colon + 1), 0))
        return "must end with ':' and a port, 0 to 65535";
    return "must start with an IPv4 address or an IPv6 address in brackets";
}

TextProblem authority_problem(std::string_view text) {
    const auto authority = auth::parse_authority(text);
    if (has_sound_host(authority) && (!authority->has_colon || is_port(authority->port, 1)))
        return std::nullopt;
    return has_sound_host(auth::parse_authority(before_port(text)))
               ? "has a port outside 1 to 65535"
               : "is not a host, with or without a port";
}

TextProblem server_url_problem(std::string_view text) {
    const std::size_t colon = text.find("://");
    const std::string_view scheme = text.substr(0, colon);
    if (colon == std::string_view::npos || (scheme != "http" && scheme != "https"))
        return "must start with http:// or https://";
    const std::string_view rest = text.substr(colon + 3);
    if (rest.find('@') != std::string_view::npos) return "may not hold credentials";
    if (rest.find_first_of("/?#") != std::string_view::npos) return "may not hold a path";
    const auto server = auth::parse_authority(rest);
    if (has_sound_host(server) && is_port(server->port, 1)) return std::nullopt;
    return has_sound_host(auth::parse_authority(before_port(rest)))
               ? "must end with ':' and a port, 1 to 65535"
               : "does not name a host";
}

namespace {

/// What stands before the path of a URL.
std::string_view origin_of(std::string_view url) {
    const std::size_t host = url.find("://");
    return host == std::string_view::npos ? url : url.substr(0, url.find('/', host + 3));
}

}  // namespace

TextProblem collector_url_problem(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const std::string_view origin = origin_of(text);
    if (auto problem = server_url_problem(origin)) return problem;
    if (text.find_first_of("?#") != std::string_view::npos) return "may not hold a query";
    return health_path_problem(text.substr(origin.size()));
}

bool is_loopback_url(std::string_view text) {
    const std::string_view origin = origin_of(text);
    const auto server = auth::parse_authority(origin.substr(origin.find("://") + 3));
    if (!server) return false;
    const auto ip = auth::parse_ip(server->host);
    return auth::equal_ignoring_case(auth::without_trailing_dot(server->host), "localhost") ||
           (ip && auth::is_loopback(*ip));
}

TextProblem health_path_problem(std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (text.front() != '/') return "must start with '/'";
    for (const char c : text)
        if (c <= ' ' || c > '~' || c == '#' || c == '\\')
            return "holds a byte that no path may hold";
    return std::nullopt;
}

TextProblem covered_field_problem(std::string_view text) {
    if (text.empty() || text.size() > kLongestName) return "must have 1 to 64 characters";
    if (!std::all_of(text.begin(), text.end(), is_token_char))
        return "must be a field name in lower case";
    if (text == "signature" || text == "signature-input")
        return "cannot be covered: the signature stands in it";
    return std::nullopt;
}

TextProblem via_problem(std::string_view text) {
    if (text.size() > kLongestName) return "must have at most 64 characters";
    const auto is_allowed = [](char c) { return is_token_char(auth::to_lower(c)); };
    if (!std::all_of(text.begin(), text.end(), is_allowed))
        return "must be one word of letters, digits and hyphens";
    return std::nullopt;
}

TextProblem media_type_problem(std::string_view text) {
    const std::size_t slash = text.find('/');
    const bool has_both = slash != std::string_view::npos && slash > 0 && slash + 1 < text.size();
    if (!has_both) return "must be a type, '/' and a subtype, such as \"application/json\"";
    for (std::size_t i = 0; i < text.size(); ++i)
        if (i != slash && !is_token_char(text[i]))
            return "must be a lower-case media type without parameters";
    return std::nullopt;
}

}  // namespace kwikgate::gateway
