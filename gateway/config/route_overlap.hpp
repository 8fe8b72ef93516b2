#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/http/path_reading.hpp"

/// Which routes a server behind the gateway may take for each other.
namespace kwikgate::gateway {

/// A number for each route's rights: equal numbers are equal rights. What a route asks of the
/// caller and of the message counts; its method, its path and how long its answer may take do not.
std::vector<std::uint32_t> number_rights(std::span<const RouteConfig> routes,
                                         std::size_t default_body_bytes);

/// A route as far as its paths and its rights go. **Borrows** the route.
struct RouteShape {
    std::string_view method;
    std::string_view pattern;
    std::uint32_t rights = 0;
};

/// Paths that match one route as they stand and another one, with other rights, when they are read
/// in another way.
struct RouteOverlap {
    std::size_t taken = 0;      ///< Index of the route of the path as it stands.
    std::size_t other = 0;      ///< Index of the one that a server may take it for.
    http::PathSteps steps = 0;  ///< Each of these alone can lead there.
    bool by_split = false;      ///< An encoded slash in a parameter can.
    bool is_plain = false;      ///< Also for a path of lower-case letters and nothing odd.

    /// "escapes decoded, letters in lower case".
    std::string how() const;
};

struct RouteOverlaps {
    std::vector<RouteOverlap> found;  ///< By `taken`, then `other`.
    bool is_complete = true;          ///< False: there are too many routes to compare them all.
};

enum class OverlapDepth : std::uint8_t {
    segments,  ///< Readings that keep the segments of a path.
    splits,    ///< Also those of encoded slashes in parameters.
};

/// Compares all routes with each other. May tell an overlap that no path has, and none too few,
/// but for escaped dot segments and parameters that are cut to nothing: these can lead from any
/// route with a parameter to any other. **Cost**: grows with the number of routes whose patterns
/// fit each other.
RouteOverlaps find_overlaps(std::span<const RouteShape> routes, OverlapDepth depth);

}  // namespace kwikgate::gateway
