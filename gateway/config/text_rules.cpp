#include "gateway/config/text_rules.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/ip_rules.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestHost = 253;
constexpr std::size_t kLongestLabel = 63;

using auth::is_alphanumeric;

bool is_lower_or_digit(char c) {
    return auth::is_lower(c) || auth::is_digit(c);
}

/// RFC 9110 `tchar` in lower case.
bool is_token_char(char c) {
    return is_lower_or_digit(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_port(std::string_view text, unsigned least) {
    unsigned port = 0;
    return auth::read_decimal(text, port) && port >= least && port <= 65535 && text.size() <= 5;
}

/// Letters, digits, hyphens in labels of up to 63 bytes (RFC 1123, 2.1); underscores as container
/// platforms use them.
bool is_host_name(std::string_view text) {
    if (text.empty() || text.size() > kLongestHost) return false;
    std::size_t label = 0;
    for (const char c : text) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            continue;
        }
        const bool is_allowed = is_alphanumeric(c) || c == '-' || c == '_';
        if (!is_allowed || ++label > kLongestLabel) return false;
    }
    return label != 0;
}

bool is_host(std::string_view text) {
    if (text.starts_with('[')) {
        if (!text.ends_with(']')) return false;
        const std::string_view inner = text.substr(1, text.size() - 2);
        return inner.find(':') != std::string_view::npos && auth::parse_ip(inner).has_value();
    }
    // What looks like an IPv4 address must be one: 10.0.0.300 is a slip, not a name.
    const std::string_view last = text.substr(text.rfind('.') + 1);
    const bool is_numeric = !last.empty() && std::all_of(last.begin(), last.end(), auth::is_digit);
    return is_numeric ? auth::parse_ip(text).has_value() : is_host_name(text);
}

struct HostPort {
    std::string_view host;
    std::string_view port;
    bool has_port = false;
};

HostPort split_port(std::string_view text) {
    const std::size_t bracket = text.rfind(']');
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
        return {text, {}, false};
    return {text.substr(0, colon), text.substr(colon + 1), true};
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
    const HostPort parts = split_port(text);
    if (!parts.has_port || !is_port(parts.port, 0))
        return "must end with ':' and a port, 0 to 65535";
    std::string_view host = parts.host;
    const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    const bool is_v6 = host.find(':') != std::string_view::npos;
    if (is_v6 != is_bracketed || !auth::parse_ip(host))
        return "must start with an IPv4 address or an IPv6 address in brackets";
    return std::nullopt;
}

TextProblem authority_problem(std::string_view text) {
    const HostPort parts = split_port(text);
    if (!is_host(parts.host) || text.find("://") != std::string_view::npos)
        return "is not a host, with or without a port";
    if (parts.has_port && !is_port(parts.port, 1)) return "has a port outside 1 to 65535";
    return std::nullopt;
}

TextProblem server_url_problem(std::string_view text) {
    const std::size_t colon = text.find("://");
    const std::string_view scheme = text.substr(0, colon);
    if (colon == std::string_view::npos || (scheme != "http" && scheme != "https"))
        return "must start with http:// or https://";
    const std::string_view rest = text.substr(colon + 3);
    if (rest.find('@') != std::string_view::npos) return "may not hold credentials";
    if (rest.find_first_of("/?#") != std::string_view::npos) return "may not hold a path";
    const HostPort parts = split_port(rest);
    if (!is_host(parts.host)) return "does not name a host";
    if (!parts.has_port || !is_port(parts.port, 1))
        return "must end with ':' and a port, 1 to 65535";
    return std::nullopt;
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
    std::string_view host = split_port(origin.substr(origin.find("://") + 3)).host;
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    const auto ip = auth::parse_ip(host);
    return host == "localhost" || (ip && auth::is_loopback(*ip));
}

TextProblem health_path_problem(std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (text.front() != '/') return "must start with '/'";
    for (const char c : text)
        if (c <= ' ' || c > '~' || c == '#' || c == '\\')
            return "holds a byte that no path may hold";
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
