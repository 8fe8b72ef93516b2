#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/config/route_pattern.hpp"

/// The tree that patterns of routes make, and the walk of a path down it.
namespace kwikgate::gateway {

inline constexpr std::uint32_t kNoEntry = 0xffffffffU;

/// A set of methods, a bit each, by their numbers in the table.
using MethodMask = std::uint32_t;
inline constexpr std::uint32_t kMaxMethods = kMaxRouteMethods;
/// Of a method that no route has.
inline constexpr std::uint32_t kUnknownMethod = kMaxMethods;
/// Every table begins with these two, so that GET routes can answer HEAD.
inline constexpr std::uint32_t kGetMethod = 0;
inline constexpr std::uint32_t kHeadMethod = 1;

constexpr MethodMask method_bit(std::uint32_t method) {
    return MethodMask{1} << method;
}

/// A segment of a pattern.
struct PatternSegment {
    enum class Kind : std::uint8_t { literal, param, rest };
    Kind kind = Kind::literal;
    std::string_view text;  ///< Of a literal.
};

/// The segments of a right pattern. They borrow it.
std::vector<PatternSegment> pattern_segments(std::string_view pattern);

/// Patterns with their routes. Literals compare byte by byte. One place may hold several routes
/// with one method: that of a table does not, that of its readings may. **Threads**: `find` any,
/// once `finish` returned.
class RouteTree {
  public:
    /// A route at a place of the tree.
    struct Entry {
        std::uint32_t method = 0;
        std::uint32_t route = 0;
        std::uint32_t next = kNoEntry;  ///< At the same place.
    };

    /// The number of the place where `segments` end; it is made where there is none. A place where
    /// a path ends has an even number, that of a trailing '*' behind it the next one.
    std::uint32_t place_of(const std::vector<PatternSegment>& segments);
    void add(std::uint32_t place, std::uint32_t method, std::uint32_t route);
    /// To be called once, after the last `add`.
    void finish();
    bool is_finished() const { return !edges_.empty(); }

    /// The first entry of a place that answers `method`, or `kNoEntry`. A place with GET and
    /// without HEAD answers HEAD by GET.
    std::uint32_t entry_at(std::uint32_t place, std::uint32_t method) const;
    std::uint32_t route_of(std::uint32_t entry) const { return entries_[entry].route; }
    template <class Visit>
    void for_each_entry(std::uint32_t place, Visit visit) const {
        for (std::uint32_t at = place_at(place).first; at != kNoEntry; at = entries_[at].next)
            visit(entries_[at]);
    }

    struct Match {
        std::uint32_t entry = kNoEntry;
        std::uint32_t place = kNoEntry;  ///< Of the entry.
        MethodMask seen = 0;  ///< Methods of all patterns that matched before an entry was found.
    };
    /// The first entry in order of precedence (literals before a `{param}` before '*', segment by
    /// segment) whose place answers `method`. '*' matches nothing that holds the byte at
    /// `last_encoded_slash`. **Cost**: proportional to the path's segments and to the depth of the
    /// tree, not to the number of routes. No allocation.
    Match find(std::string_view path, std::uint32_t method, std::size_t last_encoded_slash) const;

  private:
    friend class RouteWalk;

    struct Place {
        MethodMask methods = 0;
        std::uint32_t first = kNoEntry;  ///< Into `entries_`.
    };
    /// Has two places: 2n where a path ends at it, 2n+1 for a trailing '*' below it.
    struct Node {
        Place here;
        Place rest;
        std::uint32_t param = kNoEntry;
    };
    /// A literal segment below a node.
    struct Edge {
        std::uint32_t parent = kNoEntry;
        std::uint32_t child = kNoEntry;
        std::string_view literal;
    };

    std::uint32_t find_literal(std::uint32_t parent, std::string_view literal) const;
    std::uint32_t child(std::uint32_t parent, const PatternSegment& segment);
    const Place& place_at(std::uint32_t number) const {
        const Node& node = nodes_[number / 2];
        return number % 2 == 0 ? node.here : node.rest;
    }

    std::vector<Node> nodes_ = std::vector<Node>(1);
    std::vector<Entry> entries_;
    std::deque<std::string> literals_;  ///< Where they stay.
    std::map<std::pair<std::uint32_t, std::string_view>, std::uint32_t> building_;
    std::vector<Edge> edges_;  ///< Open addressing, at most half full, a power of two long.
    std::size_t longest_literal_ = 0;
};

}  // namespace kwikgate::gateway
