#include "gateway/pipeline/route_table.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

#include "gateway/config/route_pattern.hpp"
#include "gateway/pipeline/route_look.hpp"

namespace kwikgate::gateway {
namespace {

/// Where the last "%2F" stands; npos when there is none, which is nearly always.
std::size_t last_encoded_slash(std::string_view path) {
    for (std::size_t at = path.rfind('%'); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : path.rfind('%', at - 1)) {
        if (is_encoded_slash(path, at)) return at;
    }
    return std::string_view::npos;
}

std::string name_of(const Route& route) {
    return route.method + " " + route.pattern;
}

}  // namespace

struct RouteTable::State {
    std::vector<std::unique_ptr<Route>> routes;
    std::vector<std::uint32_t> route_methods;  ///< Of each route, into `methods`.
    /// Those that may be asked for; the position of a method is its number.
    std::vector<std::string> methods{kRouteMethods.begin(), kRouteMethods.end()};
    MethodMask used = 0;  ///< Methods that a route answers.
    RouteTree tree;
    ReadingTrees readings;

    std::uint32_t method_number(std::string_view method) const {
        for (std::uint32_t i = 0; i < methods.size(); ++i)
            if (methods[i] == method) return i;
        return kUnknownMethod;
    }

    std::uint32_t number_for(const std::string& method) {
        const std::uint32_t known = method_number(method);
        if (known != kUnknownMethod) return known;
        if (method_problem(method)) throw std::invalid_argument("a route with a wrong method");
        if (methods.size() == kMaxMethods) throw std::invalid_argument("too many methods");
        methods.push_back(method);
        return static_cast<std::uint32_t>(methods.size() - 1);
    }
};

RouteTable::RouteTable() : state_(std::make_unique<State>()) {}
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;
RouteTable::~RouteTable() = default;

const Route* RouteTable::add(Route route) {
    State& state = *state_;
    const std::uint32_t method = state.number_for(route.method);
    if (const auto problem = pattern_problem(route.pattern))
        throw std::invalid_argument("a route's path " + *problem);
    const std::uint32_t place = state.tree.place_of(pattern_segments(route.pattern));
    const Route* earlier = nullptr;
    state.tree.for_each_entry(place, [&](const RouteTree::Entry& entry) {
        if (entry.method == method) earlier = state.routes[entry.route].get();
    });
    if (earlier != nullptr) return earlier;
    route.index = static_cast<std::uint32_t>(state.routes.size());
    route.place = place;
    state.tree.add(place, method, route.index);
    state.readings.add(route, method);
    state.route_methods.push_back(method);
    state.used |= method_bit(method);
    if (method == kGetMethod) state.used |= method_bit(kHeadMethod);
    state.routes.push_back(std::make_unique<Route>(std::move(route)));
    return nullptr;
}

void RouteTable::finish() {
    state_->tree.finish();
    state_->readings.finish(state_->routes, state_->route_methods);
}

RouteMatch RouteTable::match(std::string_view method, std::string_view path) const {
    const State& state = *state_;
    assert(state.tree.is_finished() && "finish() comes before match()");
    RouteMatch result;
    const std::uint32_t number = state.method_number(method);
    result.method_known =
        number != kUnknownMethod && ((state.used & method_bit(number)) != 0 || method == "OPTIONS");
    if (!state.tree.is_finished() || path.empty() || path.front() != '/') return result;
    const std::size_t encoded_slash = last_encoded_slash(path);
    const RouteTree::Match found = state.tree.find(path, number, encoded_slash);
    if (found.entry == kNoEntry) {
        result.path_known = found.seen != 0;
        result.allowed_methods = MethodSet(state.methods, found.seen);
        if (!result.path_known && encoded_slash != std::string_view::npos)
            result.ambiguity.kind = PathAmbiguity::Kind::encoded_slash;
        return result;
    }
    const Route& route = *state.routes[state.tree.route_of(found.entry)];
    const auto needs_look = [&] {
        return (route.look_at & kSpelledPlainly) != 0 ||
               (route.look_at & spellings_of(path, route.literal_bytes)) != 0;
    };
    if (route.look_at != 0 && needs_look())
        result.ambiguity = state.readings.look(state.routes, route, path, number);
    if (!result.ambiguity) result.route = &route;
    return result;
}

MethodSet RouteTable::allowed_methods(std::string_view path) const {
    const State& state = *state_;
    if (path == "*") return {state.methods, state.used};
    return {state.methods, state.tree.find(path, kUnknownMethod, last_encoded_slash(path)).seen};
}

const std::vector<std::unique_ptr<Route>>& RouteTable::routes() const {
    return state_->routes;
}

std::string MethodSet::to_text() const {
    std::string text;
    for (std::uint32_t i = 0; names_ != nullptr && i < names_->size(); ++i) {
        if ((mask_ & method_bit(i)) == 0) continue;
        if (!text.empty()) text += ", ";
        text += (*names_)[i];
    }
    return text;
}

std::string PathAmbiguity::to_text() const {
    switch (kind) {
        case Kind::none:
            return {};
        case Kind::encoded_slash:
            return "an encoded slash stands outside a {param}";
        case Kind::other_rights:
            return "the path is that of " + name_of(*taken) + ", but read with " +
                   http::describe_steps(steps) + " it is that of " + name_of(*other) +
                   ", which has other rights";
        case Kind::no_route:
            return "the path is that of " + name_of(*taken) + ", but read with " +
                   http::describe_steps(steps) +
                   " it has other segments and no route; \"opaque\" says that the upstream of a "
                   "route reads raw bytes";
        case Kind::too_long:
            return "the path of " + name_of(*taken) + " has too many readings for its length";
    }
    return {};
}

}  // namespace kwikgate::gateway
