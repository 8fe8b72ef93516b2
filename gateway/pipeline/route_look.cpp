#include "gateway/pipeline/route_look.hpp"

#include <algorithm>
#include <array>
#include <deque>

#include "auth/ascii.hpp"
#include "gateway/config/route_overlap.hpp"
#include "gateway/config/route_pattern.hpp"

namespace kwikgate::gateway {
namespace {

using http::PathReading;
using http::PathStep;
using Kind = PathAmbiguity::Kind;

constexpr std::array<std::uint8_t, 256> make_spellings() {
    std::array<std::uint8_t, 256> table{};
    table['%'] = kSpelledWithEscape;
    table[';'] = kSpelledWithSemicolon;
    for (std::size_t c = 'A'; c <= 'Z'; ++c) table[c] = kSpelledWithUpperCase;
    return table;
}
constexpr std::array<std::uint8_t, 256> kSpellings = make_spellings();

using Change = std::string (*)(std::string_view literal);

std::string as_it_stands(std::string_view literal) {
    return std::string(literal);
}
std::string decoded(std::string_view literal) {
    return http::decode_escapes(literal);
}
std::string decoded_twice(std::string_view literal) {
    return http::decode_escapes(http::decode_escapes(literal));
}
std::string cut(std::string_view literal) {
    return std::string(literal.substr(0, literal.find(';')));
}

/// Puts a route where a server would have it that reads the literals of patterns so.
void add_as(RouteTree& tree, const Route& route, std::uint32_t method, Change decode, bool is_cut,
            bool is_folded) {
    std::vector<PatternSegment> segments = pattern_segments(route.pattern);
    std::deque<std::string> texts;
    for (PatternSegment& segment : segments) {
        if (segment.kind != PatternSegment::Kind::literal) continue;
        std::string text = decode(segment.text);
        if (is_cut) text = cut(text);
        if (is_folded) text = auth::lower_case(text);
        segment.text = texts.emplace_back(std::move(text));
    }
    const std::uint32_t place = tree.place_of(segments);
    bool is_there = false;
    tree.for_each_entry(place, [&](const RouteTree::Entry& entry) {
        is_there = is_there || entry.route == route.index;
    });
    if (!is_there) tree.add(place, method, route.index);
}

/// Compares the readings of one path with the routes.
class Look final : public http::PathReadingVisitor {
  public:
    Look(const RouteTree& exact, const RouteTree& folded, const ReadingTrees::Routes& routes,
         const Route& taken, std::uint32_t method)
        : exact_(exact), folded_(folded), routes_(routes), taken_(taken), method_(method) {}

    bool visit(const PathReading& reading) override {
        const RouteTree& tree = reading.has(PathStep::lower_case) ? folded_ : exact_;
        const auto match = tree.find(reading.path, method_, std::string_view::npos);
        const bool is_added = reading.has(PathStep::slash_added);
        if (!is_added && !reading.has(PathStep::slash_dropped)) before_slash_ = match;
        if (match.entry == kNoEntry) {
            if (!reading.must_match || taken_.opaque) return true;
            found_ = {Kind::no_route, reading.steps, &taken_, nullptr};
            return false;
        }
        for_each_route(tree, match.place, [&](const Route& route) {
            if (route.rights == taken_.rights) return;
            if (is_added && is_no_better(tree, route)) return;
            found_ = {Kind::other_rights, reading.steps, &taken_, &route};
        });
        return found_.kind == Kind::none;
    }

    PathAmbiguity found() const { return found_; }

  private:
    /// The routes that a server may find at a place: where several patterns are read alike, those
    /// of each.
    template <class Visit>
    void for_each_route(const RouteTree& tree, std::uint32_t place, Visit visit) const {
        tree.for_each_entry(place, [&](const RouteTree::Entry& entry) {
            const Route& route = *routes_[entry.route];
            const bool by_get = method_ == kHeadMethod && entry.method == kGetMethod;
            if (entry.method != method_ && !(by_get && !has_head(tree, place, route.place))) return;
            visit(route);
        });
    }

    bool has_head(const RouteTree& tree, std::uint32_t place, std::uint32_t pattern) const {
        bool found = false;
        tree.for_each_entry(place, [&](const RouteTree::Entry& entry) {
            found =
                found || (entry.method == kHeadMethod && routes_[entry.route]->place == pattern);
        });
        return found;
    }

    /// Whether the path without the added slash has a route that is as specific as `route`: that
    /// one was written for it.
    bool is_no_better(const RouteTree& tree, const Route& route) const {
        if (before_slash_.entry == kNoEntry) return false;
        const std::uint32_t shorter = tree.route_of(before_slash_.entry);
        return !is_more_specific(route.pattern, routes_[shorter]->pattern);
    }

    const RouteTree& exact_;
    const RouteTree& folded_;
    const ReadingTrees::Routes& routes_;
    const Route& taken_;
    std::uint32_t method_;
    RouteTree::Match before_slash_;
    PathAmbiguity found_;
};

}  // namespace

std::uint8_t spellings_of(std::string_view path, std::size_t literal_bytes) {
    unsigned found = 0;
    for (const char c : path.substr(literal_bytes))
        found |= kSpellings[static_cast<unsigned char>(c)];
    if (path.ends_with('/')) found |= kSpelledWithLastSlash;
    return static_cast<std::uint8_t>(found);
}

void ReadingTrees::add(const Route& route, std::uint32_t method) {
    const bool is_odd = route.pattern.find_first_of("%;") != std::string::npos;
    for (const Change decode : {as_it_stands, decoded, decoded_twice}) {
        for (const bool is_cut : {false, true}) {
            add_as(exact_, route, method, decode, is_cut, false);
            add_as(folded_, route, method, decode, is_cut, true);
            if (!is_odd) return;  // All of them are the same.
        }
    }
}

PathAmbiguity ReadingTrees::look(const Routes& routes, const Route& taken, std::string_view path,
                                 std::uint32_t method) const {
    Look look(exact_, folded_, routes, taken, method);
    if (http::visit_path_readings(path, look) == http::PathReadingsEnd::too_long)
        return {Kind::too_long, 0, &taken, nullptr};
    return look.found();
}

/// A route without a `{param}` or '*' has one path: what is to be found of it is found now.
std::uint8_t ReadingTrees::look_at_literals(const Routes& routes, const Route& route,
                                            std::uint32_t method) const {
    bool is_ambiguous = static_cast<bool>(look(routes, route, route.pattern, method));
    if (method == kGetMethod)
        is_ambiguous |= static_cast<bool>(look(routes, route, route.pattern, kHeadMethod));
    return is_ambiguous ? kSpelledPlainly : 0;
}

void ReadingTrees::finish(const Routes& routes, const std::vector<std::uint32_t>& methods) {
    exact_.finish();
    folded_.finish();
    std::vector<RouteShape> shapes;
    for (const auto& route : routes)
        shapes.push_back({route->method, route->pattern, route->rights});
    const RouteOverlaps overlaps = find_overlaps(shapes, OverlapDepth::segments);
    const bool has_other_rights = std::any_of(shapes.begin(), shapes.end(), [&](const auto& shape) {
        return shape.rights != shapes[0].rights;
    });
    for (std::size_t i = 0; i < routes.size(); ++i) {
        Route& route = *routes[i];
        const std::size_t first_dynamic = route.pattern.find_first_of("{*");
        if (first_dynamic == std::string::npos) {
            route.look_at = look_at_literals(routes, route, methods[i]);
            continue;
        }
        const std::string_view literals = std::string_view(route.pattern).substr(0, first_dynamic);
        if (literals.find_first_of("%;") == std::string_view::npos)
            route.literal_bytes = static_cast<std::uint16_t>(first_dynamic);
        // An escape can be a slash: that may lead to where no route is.
        if (has_other_rights || !route.opaque) route.look_at = kSpelledWithEscape;
        if (has_other_rights) route.look_at |= kSpelledWithSemicolon;
        if (!overlaps.is_complete) route.look_at |= kSpelledPlainly;
    }
    for (const RouteOverlap& overlap : overlaps.found) {
        Route& route = *routes[overlap.taken];
        if (route.pattern.find_first_of("{*") == std::string::npos) continue;
        route.look_at |= kSpelledWithUpperCase | kSpelledWithLastSlash;
        if (overlap.is_plain) route.look_at |= kSpelledPlainly;
    }
}

}  // namespace kwikgate::gateway
