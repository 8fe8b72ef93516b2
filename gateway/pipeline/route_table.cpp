#include "gateway/pipeline/route_table.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <map>
#include <stdexcept>
#include <utility>

#include "gateway/config/route_pattern.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kGet = 0;
constexpr std::size_t kHead = 1;
constexpr std::size_t kUnknownMethod = kRouteMethods.size();
constexpr std::uint32_t kNone = 0xffffffffU;

/// A set of methods, a bit each, in the order of `kRouteMethods`.
using MethodMask = std::uint8_t;

constexpr MethodMask bit(std::size_t method) {
    return static_cast<MethodMask>(1U << method);
}

std::size_t method_number(std::string_view method) {
    for (std::size_t i = 0; i < kRouteMethods.size(); ++i)
        if (kRouteMethods[i] == method) return i;
    return kUnknownMethod;
}

/// Allow values for every set of methods, made once: several patterns may match one path, so the
/// value cannot belong to one of them.
const std::array<std::string, 1U << kRouteMethods.size()>& allow_values() {
    static const auto values = [] {
        std::array<std::string, 1U << kRouteMethods.size()> made;
        for (std::size_t mask = 0; mask < made.size(); ++mask) {
            for (std::size_t i = 0; i < kRouteMethods.size(); ++i) {
                if ((mask & bit(i)) == 0) continue;
                if (!made[mask].empty()) made[mask] += ", ";
                made[mask] += kRouteMethods[i];
            }
        }
        return made;
    }();
    return values;
}

/// The routes that end at one place of the tree, by method.
struct Endpoint {
    std::array<std::uint32_t, kRouteMethods.size()> route;
    MethodMask methods = 0;

    Endpoint() { route.fill(kNone); }
    std::uint32_t find(std::size_t method) const {
        if (method == kUnknownMethod) return kNone;
        if (route[method] != kNone || method != kHead) return route[method];
        return route[kGet];
    }
    void set(std::size_t method, std::uint32_t index) {
        route[method] = index;
        methods = static_cast<MethodMask>(methods | bit(method));
        if (method == kGet) methods = static_cast<MethodMask>(methods | bit(kHead));
    }
};

struct Node {
    Endpoint here;  ///< The path ends at this node.
    Endpoint rest;  ///< A trailing '*' below this node.
    std::uint32_t param = kNone;
};

/// A literal segment below a node. `literal` points into the pattern of a route of the table.
struct Edge {
    std::uint32_t parent = kNone;
    std::uint32_t child = kNone;
    std::string_view literal;
};

std::uint64_t hash_edge(std::uint32_t parent, std::string_view literal) {
    constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15ULL;
    std::uint64_t hash = (std::uint64_t{parent} + 1) * kMultiplier;
    const char* at = literal.data();
    std::size_t left = literal.size();
    while (left != 0) {
        std::uint64_t word = 0;
        const std::size_t take = left < sizeof word ? left : sizeof word;
        std::memcpy(&word, at, take);
        hash = (hash ^ word) * kMultiplier;
        hash ^= hash >> 29;
        at += take;
        left -= take;
    }
    hash ^= literal.size();
    hash *= kMultiplier;
    return hash ^ (hash >> 32);
}

/// Where the last "%2F" stands; npos when there is none, which is nearly always.
std::size_t last_encoded_slash(std::string_view path) {
    for (std::size_t at = path.rfind('%'); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : path.rfind('%', at - 1)) {
        if (is_encoded_slash(path, at)) return at;
    }
    return std::string_view::npos;
}

}  // namespace

struct RouteTable::State {
    std::vector<std::unique_ptr<Route>> routes;
    std::vector<Node> nodes = std::vector<Node>(1);
    std::map<std::pair<std::uint32_t, std::string_view>, std::uint32_t> building;
    std::vector<Edge> edges;  ///< Open addressing, at most half full, a power of two long.

    std::uint32_t find_literal(std::uint32_t parent, std::string_view literal) const {
        const std::size_t mask = edges.size() - 1;
        for (std::size_t at = hash_edge(parent, literal) & mask;; at = (at + 1) & mask) {
            const Edge& edge = edges[at];
            if (edge.child == kNone) return kNone;
            if (edge.parent == parent && edge.literal == literal) return edge.child;
        }
    }

    std::uint32_t child(std::uint32_t parent, std::string_view segment) {
        const auto next = static_cast<std::uint32_t>(nodes.size());
        if (is_param(segment)) {
            if (nodes[parent].param != kNone) return nodes[parent].param;
            nodes[parent].param = next;
        } else {
            const auto [at, is_new] = building.try_emplace({parent, segment}, next);
            if (!is_new) return at->second;
        }
        nodes.emplace_back();
        return next;
    }

    /// The place where a pattern ends; `pattern` must live as long as the table.
    Endpoint& endpoint(std::string_view pattern) {
        std::uint32_t node = 0;
        for (std::size_t begin = 1; begin <= pattern.size();) {
            const std::string_view segment = segment_at(pattern, begin);
            if (segment == "*") return nodes[node].rest;
            node = child(node, segment);
            begin += segment.size() + 1;
        }
        return nodes[node].here;
    }
};

namespace {

/// One walk of a path down the tree.
template <class State>
class Walk {
  public:
    Walk(const State& state, std::string_view path, std::size_t method, std::size_t encoded_slash)
        : state_(state), path_(path), method_(method), encoded_slash_(encoded_slash) {}

    /// Index of the first route in order of precedence that ends below `node` with the walk's
    /// method. As deep as the longest pattern at most.
    std::uint32_t find(std::uint32_t node, std::size_t begin) {
        if (begin > path_.size()) return end_at(state_.nodes[node].here);
        const std::string_view segment = segment_at(path_, begin);
        const std::size_t next = begin + segment.size() + 1;
        const std::uint32_t literal = state_.find_literal(node, segment);
        if (literal != kNone) {
            const std::uint32_t found = find(literal, next);
            if (found != kNone) return found;
        }
        const std::uint32_t param = state_.nodes[node].param;
        if (param != kNone && !segment.empty()) {
            const std::uint32_t found = find(param, next);
            if (found != kNone) return found;
        }
        const bool is_rest_plain =
            encoded_slash_ == std::string_view::npos || encoded_slash_ < begin;
        return is_rest_plain ? end_at(state_.nodes[node].rest) : kNone;
    }
    MethodMask seen() const { return seen_; }

  private:
    std::uint32_t end_at(const Endpoint& endpoint) {
        seen_ = static_cast<MethodMask>(seen_ | endpoint.methods);
        return endpoint.find(method_);
    }

    const State& state_;
    std::string_view path_;
    std::size_t method_;
    std::size_t encoded_slash_;
    MethodMask seen_ = 0;  ///< Methods of every pattern that matched the path so far.
};

}  // namespace

RouteTable::RouteTable() : state_(std::make_unique<State>()) {}
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;
RouteTable::~RouteTable() = default;

const Route* RouteTable::add(Route route) {
    const std::size_t method = method_number(route.method);
    if (method == kUnknownMethod) throw std::invalid_argument("a route with an unknown method");
    if (const auto problem = pattern_problem(route.pattern))
        throw std::invalid_argument("a route's path " + *problem);
    State& state = *state_;
    const auto index = static_cast<std::uint32_t>(state.routes.size());
    route.index = index;
    // The tree's literals point into the pattern, so the route has its final place first. On a
    // conflict every node of its pattern exists already, so nothing points into what is dropped.
    auto owned = std::make_unique<Route>(std::move(route));
    Endpoint& endpoint = state.endpoint(owned->pattern);
    if (endpoint.route[method] != kNone) return state.routes[endpoint.route[method]].get();
    endpoint.set(method, index);
    state.routes.push_back(std::move(owned));
    return nullptr;
}

void RouteTable::finish() {
    State& state = *state_;
    std::size_t size = 8;
    while (size < state.building.size() * 2) size *= 2;
    state.edges.assign(size, Edge{});
    for (const auto& [key, child] : state.building) {
        std::size_t at = hash_edge(key.first, key.second) & (size - 1);
        while (state.edges[at].child != kNone) at = (at + 1) & (size - 1);
        state.edges[at] = Edge{key.first, child, key.second};
    }
    allow_values();
}

RouteMatch RouteTable::match(std::string_view method, std::string_view path) const {
    const State& state = *state_;
    assert(!state.edges.empty() && "finish() comes before match()");
    RouteMatch result;
    if (state.edges.empty() || path.empty() || path.front() != '/') return result;
    const std::size_t encoded_slash = last_encoded_slash(path);
    Walk<State> walk(state, path, method_number(method), encoded_slash);
    const std::uint32_t index = walk.find(0, 1);
    if (index != kNone) {
        result.route = state.routes[index].get();
        return result;
    }
    result.path_known = walk.seen() != 0;
    if (result.path_known) result.allowed_methods = allow_values()[walk.seen()];
    result.encoded_slash_outside_param =
        !result.path_known && encoded_slash != std::string_view::npos;
    return result;
}

const std::vector<std::unique_ptr<Route>>& RouteTable::routes() const {
    return state_->routes;
}

}  // namespace kwikgate::gateway
