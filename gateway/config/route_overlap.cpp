#include "gateway/config/route_overlap.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "auth/ascii.hpp"
#include "gateway/config/route_pattern.hpp"

namespace kwikgate::gateway {
namespace {

using http::PathStep;

constexpr std::uint32_t kNone = 0xffffffffU;
constexpr std::size_t kMaxSteps = 20'000'000;

/// A literal as the most lenient server would hold it.
std::string read_literal(std::string_view literal) {
    std::string text = http::decode_escapes(http::decode_escapes(literal));
    text.resize(std::min(text.find(';'), text.size()));
    return auth::lower_case(text);
}

bool has_letter(std::string_view text) {
    return std::any_of(text.begin(), text.end(), auth::is_alpha);
}

/// Whether a server that folds, decodes or cuts holds the pattern in a plainer form: a path that is
/// spelled plainly may be one of it then.
bool is_oddly_spelled(std::string_view pattern) {
    return pattern.find_first_of("%;") != std::string_view::npos ||
           std::any_of(pattern.begin(), pattern.end(), auth::is_upper);
}

bool can_answer_the_same(std::string_view a, std::string_view b) {
    const auto gets = [](std::string_view method) { return method == "GET" || method == "HEAD"; };
    return a == b || (gets(a) && gets(b));
}

struct Segment {
    std::string_view raw;
    std::string read;  ///< Of a literal.
    bool is_param = false;
    bool is_rest = false;
};

std::vector<Segment> segments_of(std::string_view pattern) {
    std::vector<Segment> segments;
    for (std::size_t begin = 1; begin <= pattern.size();) {
        Segment segment{segment_at(pattern, begin), {}, false, false};
        begin += segment.raw.size() + 1;
        segment.is_param = is_param(segment.raw);
        segment.is_rest = segment.raw == "*";
        if (!segment.is_param && !segment.is_rest) segment.read = read_literal(segment.raw);
        segments.push_back(std::move(segment));
    }
    return segments;
}

/// The patterns of all routes as one tree, by what is read of their literals.
struct Node {
    std::map<std::string, std::uint32_t, std::less<>> literals;
    std::uint32_t param = kNone;
    std::vector<std::uint32_t> here;
    std::vector<std::uint32_t> rest;
};

/// What two patterns met on the way down the tree.
struct Met {
    bool literal = false;   ///< A parameter or a rest stood against a literal.
    bool letter = false;    ///< One with a letter.
    bool spelling = false;  ///< Two literals are spelled differently.
    http::PathSteps slash = 0;
};

class Finder {
  public:
    explicit Finder(std::span<const RouteShape> routes) : routes_(routes) {
        for (std::uint32_t i = 0; i < routes.size(); ++i) insert(i);
    }

    RouteOverlaps run(OverlapDepth depth) {
        RouteOverlaps overlaps;
        for (std::uint32_t i = 0; i < routes_.size(); ++i) {
            taken_ = i;
            segments_ = segments_of(routes_[i].pattern);
            can_end_in_slash_ = segments_.back().is_rest || segments_.back().raw.empty();
            of_taken_.clear();
            compare(0, 0, {});
            if (depth == OverlapDepth::splits) {
                split_seen_.clear();
                split(0, 0, false);
            }
            for (const auto& [other, overlap] : of_taken_) overlaps.found.push_back(overlap);
        }
        overlaps.is_complete = steps_ < kMaxSteps;
        return overlaps;
    }

  private:
    void insert(std::uint32_t route) {
        std::uint32_t node = 0;
        for (const Segment& segment : segments_of(routes_[route].pattern)) {
            if (segment.is_rest) {
                nodes_[node].rest.push_back(route);
                return;
            }
            const auto next = static_cast<std::uint32_t>(nodes_.size());
            std::uint32_t child = nodes_[node].param;
            if (!segment.is_param)
                child = nodes_[node].literals.try_emplace(segment.read, next).first->second;
            else if (child == kNone)
                child = nodes_[node].param = next;
            if (child == next) nodes_.emplace_back();
            node = child;
        }
        nodes_[node].here.push_back(route);
    }

    std::uint32_t literal_child(std::uint32_t node, std::string_view literal) const {
        const auto found = nodes_[node].literals.find(literal);
        return found == nodes_[node].literals.end() ? kNone : found->second;
    }

    /// The routes below `node` whose segments fit those of the taken one from `at` on, one by one.
    void compare(std::uint32_t node, std::size_t at, Met met) {
        if (++steps_ >= kMaxSteps) return;
        if (at == segments_.size()) {
            offer(nodes_[node].here, met);
            offer_with_slash(node, met);
            return;
        }
        const Segment& segment = segments_[at];
        if (segment.is_rest) {
            compare_all(node, met);
            return;
        }
        offer_dropped(nodes_[node].rest, met);
        if (segment.is_param) {
            for (const auto& [literal, child] : nodes_[node].literals)
                if (!literal.empty()) compare(child, at + 1, past(met, literal));
        } else if (const std::uint32_t child = literal_child(node, segment.read); child != kNone) {
            compare(child, at + 1, met);
        }
        if (segment.raw.empty()) {
            offer_dropped(nodes_[node].here, met);
        } else if (nodes_[node].param != kNone) {
            compare(nodes_[node].param, at + 1, met);
        }
    }

    /// All routes below `node`, where the taken one has its rest.
    void compare_all(std::uint32_t node, Met met) {
        if (++steps_ >= kMaxSteps) return;
        offer_dropped(nodes_[node].here, met);
        offer_dropped(nodes_[node].rest, met);
        for (const auto& [literal, child] : nodes_[node].literals) {
            const Met beyond = past(met, literal);
            if (!literal.empty()) offer_with_slash(child, beyond);
            compare_all(child, beyond);
        }
        if (const std::uint32_t child = nodes_[node].param; child != kNone) {
            offer_with_slash(child, met);
            compare_all(child, met);
        }
    }

    static Met past(Met met, std::string_view literal) {
        met.literal = met.literal || !literal.empty();
        met.letter = met.letter || has_letter(literal);
        return met;
    }

    /// As they stand, and where a path of the taken route can end in a slash, without it.
    void offer_dropped(const std::vector<std::uint32_t>& others, Met met) {
        offer(others, met);
        if (!can_end_in_slash_) return;
        met.slash = http::bit(PathStep::slash_dropped);
        offer(others, met);
    }

    void offer_with_slash(std::uint32_t node, Met met) {
        met.slash = http::bit(PathStep::slash_added);
        if (const std::uint32_t child = literal_child(node, ""); child != kNone)
            offer(nodes_[child].here, met);
        offer(nodes_[node].rest, met);
    }

    /// The same where at least one parameter of the taken route holds an encoded slash.
    void split(std::uint32_t node, std::size_t at, bool is_split) {
        if (++steps_ >= kMaxSteps || !split_seen_.emplace(node, at, is_split).second) return;
        if (at == segments_.size()) {
            if (!is_split) return;
            offer_split(nodes_[node].here);
            offer_split(nodes_[node].rest);
            if (const std::uint32_t child = literal_child(node, ""); child != kNone)
                offer_split(nodes_[child].here);
            return;
        }
        const Segment& segment = segments_[at];
        if (is_split) offer_split(nodes_[node].rest);
        if (segment.is_param) {
            for (const auto& [literal, child] : nodes_[node].literals) fill(child, at, is_split);
            if (nodes_[node].param != kNone) fill(nodes_[node].param, at, is_split);
            return;
        }
        if (segment.is_rest) {
            if (is_split) split_all(node);
            return;
        }
        if (const std::uint32_t child = literal_child(node, segment.read); child != kNone)
            split(child, at + 1, is_split);
        if (nodes_[node].param != kNone && !segment.raw.empty())
            split(nodes_[node].param, at + 1, is_split);
    }

    /// The parameter at `at` ends with `child`, or goes on behind it.
    void fill(std::uint32_t child, std::size_t at, bool is_split) {
        split(child, at + 1, is_split);
        split(child, at, true);
    }

    void split_all(std::uint32_t node) {
        if (++steps_ >= kMaxSteps) return;
        offer_split(nodes_[node].here);
        offer_split(nodes_[node].rest);
        for (const auto& [literal, child] : nodes_[node].literals) split_all(child);
        if (nodes_[node].param != kNone) split_all(nodes_[node].param);
    }

    bool is_of_interest(std::uint32_t other) const {
        const RouteShape& a = routes_[taken_];
        const RouteShape& b = routes_[other];
        return a.rights != b.rights && can_answer_the_same(a.method, b.method);
    }

    RouteOverlap& overlap_with(std::uint32_t other) {
        RouteOverlap& overlap = of_taken_[other];
        overlap.taken = taken_;
        overlap.other = other;
        return overlap;
    }

    void offer_split(const std::vector<std::uint32_t>& others) {
        for (const std::uint32_t other : others)
            if (is_of_interest(other)) overlap_with(other).by_split = true;
    }

    void offer(const std::vector<std::uint32_t>& others, const Met& met) {
        for (const std::uint32_t other : others)
            if (is_of_interest(other)) judge(other, met);
    }

    void judge(std::uint32_t other, Met met) {
        const std::string_view pattern = routes_[other].pattern;
        const bool is_added = met.slash == http::bit(PathStep::slash_added);
        if (is_added && !is_more_specific(pattern, routes_[taken_].pattern)) return;
        // Below a rest the other route has such paths as they stand.
        const bool is_dropped = met.slash == http::bit(PathStep::slash_dropped);
        if (is_dropped && met.literal && segments_.back().is_rest) return;
        met.spelling = is_spelled_otherwise(pattern);
        unsigned steps = met.slash;
        if (met.slash == 0) {
            if (met.literal || met.spelling) steps |= http::bit(PathStep::decoded);
            if (met.literal) steps |= http::bit(PathStep::parameters_cut);
            if (met.letter || met.spelling) steps |= http::bit(PathStep::lower_case);
        }
        if (steps == 0) return;
        RouteOverlap& overlap = overlap_with(other);
        overlap.steps = static_cast<http::PathSteps>(overlap.steps | steps);
        overlap.is_plain |= met.spelling || is_added || is_oddly_spelled(pattern);
    }

    /// Whether a literal of the taken route stands against another spelling of it.
    bool is_spelled_otherwise(std::string_view pattern) const {
        const std::vector<Segment> other = segments_of(pattern);
        for (std::size_t i = 0; i < std::min(other.size(), segments_.size()); ++i)
            if (!segments_[i].read.empty() && segments_[i].read == other[i].read &&
                segments_[i].raw != other[i].raw)
                return true;
        return false;
    }

    std::span<const RouteShape> routes_;
    std::vector<Node> nodes_ = std::vector<Node>(1);
    std::uint32_t taken_ = 0;
    std::vector<Segment> segments_;
    bool can_end_in_slash_ = false;
    std::map<std::uint32_t, RouteOverlap> of_taken_;
    std::set<std::tuple<std::uint32_t, std::size_t, bool>> split_seen_;
    std::size_t steps_ = 0;
};

}  // namespace

std::vector<std::uint32_t> number_rights(std::span<const RouteConfig> routes,
                                         std::size_t default_body_bytes) {
    std::vector<RouteConfig> known;
    std::vector<std::uint32_t> numbers;
    for (RouteConfig rights : routes) {
        // What is not listed here counts: a new key as well, until somebody decides otherwise.
        rights.body_bytes = body_limit(rights, default_body_bytes);
        rights.method.clear();
        rights.path.clear();
        rights.response_timeout.reset();
        rights.inferred = false;
        rights.opaque = false;
        const auto found = std::find(known.begin(), known.end(), rights);
        numbers.push_back(static_cast<std::uint32_t>(found - known.begin()));
        if (found == known.end()) known.push_back(std::move(rights));
    }
    return numbers;
}

std::string RouteOverlap::how() const {
    std::string text = steps == 0 ? std::string() : http::describe_steps(steps);
    if (by_split) text += std::string(text.empty() ? "" : ", ") + "an encoded slash in a parameter";
    return text;
}

RouteOverlaps find_overlaps(std::span<const RouteShape> routes, OverlapDepth depth) {
    const bool has_differences =
        std::any_of(routes.begin(), routes.end(),
                    [&](const RouteShape& route) { return route.rights != routes[0].rights; });
    if (!has_differences) return {};
    return Finder(routes).run(depth);
}

}  // namespace kwikgate::gateway
