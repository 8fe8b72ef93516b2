#include <vector>

#include "gateway/config/parse.hpp"
#include "gateway/config/route_overlap.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kMaxWarnings = 50;

std::string name_of(const RouteDraft& route) {
    return route.method + " " + route.path;
}

std::string in_line(const RouteDraft& route) {
    return route.path_place.source->file.string() + ", line " +
           std::to_string(route.path_place.location().line);
}

std::vector<RouteShape> shapes_of(const ParseState& state) {
    const std::vector<RouteConfig> routes(state.routes.begin(), state.routes.end());
    const auto rights = number_rights(routes, state.config.limits.body_bytes);
    std::vector<RouteShape> shapes;
    for (std::size_t i = 0; i < state.routes.size(); ++i)
        shapes.push_back({state.routes[i].method, state.routes[i].path, rights[i]});
    return shapes;
}

void refuse_opaque(ParseState& state, const RouteOverlap& overlap) {
    const RouteDraft& route = state.routes[overlap.taken];
    const RouteDraft& other = state.routes[overlap.other];
    state.problems.add(route.path_place,
                       "the route is opaque, but a path of it is one of " + name_of(other) +
                           ", which has other rights, when it is read with " + overlap.how(),
                       in_line(other));
}

void warn(ParseState& state, const RouteOverlap& overlap) {
    const RouteDraft& other = state.routes[overlap.other];
    state.warnings.add(
        state.routes[overlap.taken].path_place,
        "a path of it is one of " + name_of(other) +
            ", which has other rights, when it is read with " + overlap.how(),
        std::string(overlap.is_plain ? "some plainly spelled paths are refused, too; "
                                     : "such spellings are refused; ") +
            in_line(other));
}

}  // namespace

void check_overlaps(ParseState& state) {
    const RouteOverlaps overlaps = find_overlaps(shapes_of(state), OverlapDepth::splits);
    std::size_t warnings = 0;
    for (const RouteOverlap& overlap : overlaps.found) {
        if (state.routes[overlap.taken].opaque)
            refuse_opaque(state, overlap);
        else if (++warnings <= kMaxWarnings)
            warn(state, overlap);
    }
    if (warnings > kMaxWarnings)
        state.warnings.add(state.root, std::to_string(warnings - kMaxWarnings) +
                                           " more pairs of routes are alike in this way");
    if (overlaps.is_complete) return;
    for (const RouteDraft& route : state.routes)
        if (route.opaque)
            state.problems.add(route.path_place,
                               "the route is opaque, but there are too many routes to compare it "
                               "with");
}

}  // namespace kwikgate::gateway
