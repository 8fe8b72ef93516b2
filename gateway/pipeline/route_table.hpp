#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.hpp"
#include "gateway/config/config.hpp"

namespace kwikgate::gateway {

/// A route made ready for the request path.
struct Route {
    std::string method;
    std::string pattern;  ///< As configured: the route's name in logs and metrics.
    std::string section_slug;
    auth::RouteRequirement requirement;
    int upstream_index = -1;  ///< Into the configuration's upstreams; -1: by environment.
    std::size_t body_bytes = 0;
    bool check_json = false;
    std::vector<std::string> content_types;
    std::chrono::milliseconds response_timeout{0};  ///< 0: the upstream's.
    std::uint32_t index = 0;                        ///< Into the table, for counters.
};

/// What matching a method and a path gave.
struct RouteMatch {
    const Route* route = nullptr;
    bool path_known = false;           ///< The path exists with another method.
    std::string_view allowed_methods;  ///< "GET, POST", for Allow; lives with the program.
    /// Nothing matched and the path holds an encoded slash (%2F), which only a `{param}` may hold:
    /// the answer is `target_ambiguous`, not `route_unknown`.
    bool encoded_slash_outside_param = false;
};

/// Method and path to route. Literals before `{param}` before a trailing `*`, segment by segment; a
/// `{param}` is one non-empty segment of raw bytes, `*` the rest of the path, which may be empty
/// ("/a/*" matches "/a/" and "/a/b/c", not "/a"). Literals compare byte by byte. GET routes answer
/// HEAD as well. **Threads**: `match` any, once `finish` returned. **Cost**: proportional to the
/// path's segments, not to the number of routes; a literal branch that leads nowhere is left for
/// the `{param}` beside it, so no node is visited twice. No allocation.
class RouteTable {
  public:
    RouteTable();
    RouteTable(RouteTable&&) noexcept;
    RouteTable& operator=(RouteTable&&) noexcept;
    ~RouteTable();

    /// Two routes with the same method and the same pattern shape are a conflict: returns the
    /// earlier one and changes nothing. The loader reports it. Throws std::invalid_argument for a
    /// method outside `kRouteMethods` or a wrong pattern: the loader lets neither pass.
    const Route* add(Route route);
    /// To be called once, after the last `add`.
    void finish();
    RouteMatch match(std::string_view method, std::string_view path) const;
    const std::vector<std::unique_ptr<Route>>& routes() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::gateway
