#include "gateway/config/route_pattern.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kMaxPatternBytes = 1024;
constexpr std::size_t kMaxPatternSegments = 32;

bool is_name_char(char c) {
    return auth::is_alphanumeric(c) || c == '_';
}

/// RFC 3986 `pchar` without the escapes: what may stand in a path as it is.
bool is_literal_char(char c) {
    return is_name_char(c) || std::string_view("-.~!$&'()+,;=:@").find(c) != std::string_view::npos;
}

std::optional<std::string> param_problem(std::string_view segment) {
    if (segment.size() < 3 || segment.back() != '}')
        return "holds '" + std::string(segment) + "', which is not a whole {name}";
    for (const char c : segment.substr(1, segment.size() - 2))
        if (!is_name_char(c)) return "names a parameter with other than letters, digits and _";
    return std::nullopt;
}

std::optional<std::string> literal_problem(std::string_view segment) {
    if (segment == "." || segment == "..") return "holds a dot segment";
    if (segment.starts_with(':'))
        return "holds '" + std::string(segment) + "': a segment that may be anything is a {name}";
    for (std::size_t i = 0; i < segment.size(); ++i) {
        const char c = segment[i];
        if (c == '*') return "holds '*' elsewhere than as the whole last segment";
        if (c == '{' || c == '}') return "holds a brace inside a literal segment";
        if (c == '%') {
            if (segment.size() - i < 3 || auth::hex_pair(segment[i + 1], segment[i + 2]) < 0)
                return "holds a '%' that is no escape";
            if (is_encoded_slash(segment, i)) return "holds an encoded slash";
            continue;
        }
        if (!is_literal_char(c)) return "holds a byte that no path may hold";
    }
    return std::nullopt;
}

/// Literals before parameters before '*'.
int rank_of(std::string_view segment) {
    return segment == "*" ? 2 : is_param(segment) ? 1 : 0;
}

}  // namespace

bool is_more_specific(std::string_view a, std::string_view b) {
    for (std::size_t at_a = 1, at_b = 1; at_a <= a.size() && at_b <= b.size();) {
        const std::string_view in_a = segment_at(a, at_a);
        const std::string_view in_b = segment_at(b, at_b);
        if (rank_of(in_a) != rank_of(in_b)) return rank_of(in_a) < rank_of(in_b);
        at_a += in_a.size() + 1;
        at_b += in_b.size() + 1;
    }
    return false;
}

std::optional<std::string> method_problem(std::string_view method) {
    constexpr std::size_t kMaxMethodBytes = 32;
    if (method.empty() || method.size() > kMaxMethodBytes ||
        !http::all_of_class(method, http::kTokenChar))
        return "is no method: one has 1 to 32 letters, digits and a few signs";
    const std::string upper = auth::upper_case(method);
    if (upper == "CONNECT" || upper == "TRACE") return "is CONNECT or TRACE, which are never taken";
    if (!known_method(upper).empty() && upper != method)
        return "is not " + upper + ": the case of a method's letters counts";
    return std::nullopt;
}

std::string_view known_method(std::string_view method) {
    const auto found = std::find(kRouteMethods.begin(), kRouteMethods.end(), method);
    return found == kRouteMethods.end() ? std::string_view() : *found;
}

std::optional<std::string> pattern_problem(std::string_view pattern) {
    if (pattern.empty() || pattern.front() != '/') return "does not start with '/'";
    if (pattern.size() > kMaxPatternBytes) return "is longer than 1024 bytes";
    std::size_t segments = 0;
    for (std::size_t begin = 1; begin <= pattern.size();) {
        const std::string_view segment = segment_at(pattern, begin);
        const bool is_last = begin + segment.size() == pattern.size();
        if (++segments > kMaxPatternSegments) return "has more than 32 segments";
        if (segment.empty() && !is_last) return "holds an empty segment";
        if (!(is_last && segment == "*")) {
            auto problem = is_param(segment) ? param_problem(segment) : literal_problem(segment);
            if (problem) return problem;
        }
        begin += segment.size() + 1;
    }
    return std::nullopt;
}

}  // namespace kwikgate::gateway
