#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/config/config.hpp"

/// What a route may be: its method and the pattern of its path.
namespace kwikgate::gateway {

/// The methods that every table knows, with numbers of their own. A route may have any other one
/// but CONNECT and TRACE.
inline constexpr std::array<std::string_view, 7> kRouteMethods = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

/// The most routes that a configuration may have, over all its files.
inline constexpr std::size_t kMaxRoutes = 10'000;

/// What is wrong with a method for a route, as a clause; nothing when it is right.
std::optional<std::string> method_problem(std::string_view method);

/// Methods of the routes of one configuration, those of `kRouteMethods` included.
inline constexpr std::size_t kMaxRouteMethods = 32;

/// `method` as in `kRouteMethods`, which outlives every request; empty for another one: that may be
/// anything, a secret too.
std::string_view known_method(std::string_view method);

/// Methods whose routes read, unless they say something else.
constexpr bool is_reading_method(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

/// Methods whose content has no meaning (RFC 9110, 9.3): a route takes it only where it says so.
constexpr bool is_contentless_method(std::string_view method) {
    return is_reading_method(method) || method == "DELETE";
}

/// Longest body that a route takes; 0 where it takes none.
inline std::size_t body_limit(const RouteConfig& route, std::size_t default_bytes) {
    return route.body_bytes.value_or(is_contentless_method(route.method) ? 0 : default_bytes);
}

/// What is wrong with a path pattern, as a clause ("holds an empty segment"); nothing when it is
/// right. `RouteTable::add` takes right patterns only.
std::optional<std::string> pattern_problem(std::string_view pattern);

/// The segment that starts at `begin`, which is behind a '/'.
inline std::string_view segment_at(std::string_view path, std::size_t begin) {
    const std::size_t slash = path.find('/', begin);
    return path.substr(begin, slash == std::string_view::npos ? slash : slash - begin);
}

/// Whether a segment of a pattern is a `{param}`.
inline bool is_param(std::string_view segment) {
    return !segment.empty() && segment.front() == '{';
}

/// Whether pattern `a` comes before pattern `b` where both match a path: at the first segment where
/// they differ in kind it has a literal, or a `{param}` where the other one has '*'.
bool is_more_specific(std::string_view a, std::string_view b);

/// Whether "%2F" stands at `percent`.
inline bool is_encoded_slash(std::string_view path, std::size_t percent) {
    return path.size() - percent >= 3 && path[percent + 1] == '2' &&
           (path[percent + 2] == 'F' || path[percent + 2] == 'f');
}

}  // namespace kwikgate::gateway
