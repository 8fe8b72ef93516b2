#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.hpp"
#include "auth/signature/coverage.hpp"
#include "gateway/config/config.hpp"
#include "gateway/http/path_reading.hpp"
#include "gateway/pipeline/route_tree.hpp"

namespace kwikgate::gateway {

/// A route made ready for the request path.
struct Route {
    std::string method;
    std::string pattern;  ///< As configured: the route's name in logs and metrics.
    std::string section_slug;
    auth::RouteRequirement requirement;
    int upstream_index = -1;  ///< Into the configuration's upstreams; -1: by environment.
    std::size_t body_bytes = 0;
    bool takes_content = true;              ///< False: content is `body_unexpected`.
    std::vector<auth::WantedField> wanted;  ///< What a signature must cover beyond the minimum.
    bool check_json = false;
    std::vector<std::string> content_types;
    std::chrono::milliseconds response_timeout{0};  ///< 0: the upstream's.
    std::uint32_t rights = 0;  ///< Equal numbers: equal rights (`number_rights`).
    bool opaque = false;       ///< The upstream reads the raw bytes of the path.
    std::uint32_t index = 0;   ///< Into the table, for counters. Set by `add`.

    // Set by `finish`: whether another reading of a path can matter.
    std::uint8_t look_at = 0;         ///< Spellings that call for a look, a bit each.
    std::uint16_t literal_bytes = 0;  ///< The path's first bytes that are the pattern's.
    std::uint32_t place = 0;          ///< Where the pattern ends in the tree.
};

/// Some methods of a table, for Allow. **Borrows** the table.
class MethodSet {
  public:
    MethodSet() = default;
    MethodSet(const std::vector<std::string>& names, MethodMask mask)
        : names_(&names), mask_(mask) {}
    bool empty() const { return mask_ == 0; }
    std::string to_text() const;  ///< "GET, HEAD, POST".

  private:
    const std::vector<std::string>* names_ = nullptr;
    MethodMask mask_ = 0;
};

/// Why a path is refused although it may match a route.
struct PathAmbiguity {
    enum class Kind : std::uint8_t {
        none,
        encoded_slash,  ///< "%2F" outside a `{param}`, and nothing matched.
        other_rights,   ///< A reading leads to `other`, whose rights differ.
        no_route,       ///< A reading has another number of segments, and no route.
        too_long,       ///< There are too many readings of so long a path.
    };
    Kind kind = Kind::none;
    http::PathSteps steps = 0;     ///< Of the reading.
    const Route* taken = nullptr;  ///< The route of the path as it stands.
    const Route* other = nullptr;

    explicit operator bool() const { return kind != Kind::none; }
    /// For `explain`: "the path is that of …, and with escapes decoded that of …".
    std::string to_text() const;
};

/// What matching a method and a path gave. **Borrows** the table.
struct RouteMatch {
    const Route* route = nullptr;
    bool path_known = false;    ///< The path exists with another method.
    bool method_known = false;  ///< A route has the method, or it is OPTIONS.
    MethodSet allowed_methods;  ///< Where `path_known`.
    PathAmbiguity ambiguity;    ///< Set: the answer is `target_ambiguous`, and `route` is null.
};

/// Method and path to route. Literals before `{param}` before a trailing `*`, segment by segment; a
/// `{param}` is one non-empty segment of raw bytes, `*` the rest of the path, which may be empty
/// ("/a/*" matches "/a/" and "/a/b/c", not "/a") and holds no encoded slash. Literals compare byte
/// by byte. GET routes answer HEAD as well.
///
/// A path is refused when a server behind the gateway may read it as that of another route with
/// other rights, or as one with other segments that no route has (`http::visit_path_readings`).
/// A slash that a server may add counts only where it leads to a more specific pattern: the paths
/// of "/a" are its own, whatever "/a/*" or "/*" ask for.
///
/// **Threads**: `match` any, once `finish` returned. **Cost**: proportional to the path's segments,
/// not to the number of routes. No allocation. Readings are looked at only where `finish` found
/// that they can matter, and where the path has a spelling that makes them differ.
class RouteTable {
  public:
    RouteTable();
    RouteTable(RouteTable&&) noexcept;
    RouteTable& operator=(RouteTable&&) noexcept;
    ~RouteTable();

    /// Two routes with the same method and the same pattern shape are a conflict: returns the
    /// earlier one and changes nothing. The loader reports it. Throws std::invalid_argument for a
    /// wrong method or pattern, or for more than `kMaxMethods`: the loader lets none pass.
    const Route* add(Route route);
    /// To be called once, after the last `add`.
    void finish();
    RouteMatch match(std::string_view method, std::string_view path) const;
    /// The methods of a path; those of all routes for "*".
    MethodSet allowed_methods(std::string_view path) const;
    const std::vector<std::unique_ptr<Route>>& routes() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::gateway
