#include "gateway/pipeline/route_tree.hpp"

#include <algorithm>
#include <cstring>

namespace kwikgate::gateway {
namespace {

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

}  // namespace

std::vector<PatternSegment> pattern_segments(std::string_view pattern) {
    using Kind = PatternSegment::Kind;
    std::vector<PatternSegment> segments;
    for (std::size_t begin = 1; begin <= pattern.size();) {
        const std::string_view text = segment_at(pattern, begin);
        const Kind kind = text == "*" ? Kind::rest : is_param(text) ? Kind::param : Kind::literal;
        segments.push_back({kind, text});
        begin += text.size() + 1;
    }
    return segments;
}

std::uint32_t RouteTree::find_literal(std::uint32_t parent, std::string_view literal) const {
    if (literal.size() > longest_literal_) return kNoEntry;
    const std::size_t mask = edges_.size() - 1;
    for (std::size_t at = hash_edge(parent, literal) & mask;; at = (at + 1) & mask) {
        const Edge& edge = edges_[at];
        if (edge.child == kNoEntry) return kNoEntry;
        if (edge.parent == parent && edge.literal == literal) return edge.child;
    }
}

std::uint32_t RouteTree::child(std::uint32_t parent, const PatternSegment& segment) {
    const auto next = static_cast<std::uint32_t>(nodes_.size());
    if (segment.kind == PatternSegment::Kind::param) {
        if (nodes_[parent].param != kNoEntry) return nodes_[parent].param;
        nodes_[parent].param = next;
    } else {
        const auto found = building_.find({parent, segment.text});
        if (found != building_.end()) return found->second;
        const std::string& kept = literals_.emplace_back(segment.text);
        building_.emplace(std::pair(parent, std::string_view(kept)), next);
        longest_literal_ = std::max(longest_literal_, kept.size());
    }
    nodes_.emplace_back();
    return next;
}

std::uint32_t RouteTree::place_of(const std::vector<PatternSegment>& segments) {
    std::uint32_t node = 0;
    for (const PatternSegment& segment : segments) {
        if (segment.kind == PatternSegment::Kind::rest) return node * 2 + 1;
        node = child(node, segment);
    }
    return node * 2;
}

void RouteTree::add(std::uint32_t place, std::uint32_t method, std::uint32_t route) {
    Node& node = nodes_[place / 2];
    Place& at = place % 2 == 0 ? node.here : node.rest;
    entries_.push_back({method, route, at.first});
    at.first = static_cast<std::uint32_t>(entries_.size() - 1);
    at.methods |= method_bit(method);
    if (method == kGetMethod) at.methods |= method_bit(kHeadMethod);
}

std::uint32_t RouteTree::entry_at(std::uint32_t place, std::uint32_t method) const {
    const Place& at_place = place_at(place);
    if (method == kUnknownMethod || (at_place.methods & method_bit(method)) == 0) return kNoEntry;
    std::uint32_t by_get = kNoEntry;
    for (std::uint32_t at = at_place.first; at != kNoEntry; at = entries_[at].next) {
        if (entries_[at].method == method) return at;
        if (entries_[at].method == kGetMethod) by_get = at;
    }
    return by_get;  // The bit was set, so this is HEAD.
}

void RouteTree::finish() {
    std::size_t size = 8;
    while (size < building_.size() * 2) size *= 2;
    edges_.assign(size, Edge{});
    for (const auto& [key, child] : building_) {
        std::size_t at = hash_edge(key.first, key.second) & (size - 1);
        while (edges_[at].child != kNoEntry) at = (at + 1) & (size - 1);
        edges_[at] = Edge{key.first, child, key.second};
    }
    building_.clear();
}

/// One walk of a path down the tree.
class RouteWalk {
  public:
    RouteWalk(const RouteTree& tree, std::string_view path, std::uint32_t method,
              std::size_t last_encoded_slash)
        : tree_(tree), path_(path), method_(method), last_encoded_slash_(last_encoded_slash) {}

    /// As deep as the longest pattern at most. A literal branch that leads nowhere is left for the
    /// `{param}` beside it, so no node is visited twice.
    bool find(std::uint32_t node, std::size_t begin) {
        if (begin > path_.size()) return end_at(node * 2);
        const std::string_view segment = segment_at(path_, begin);
        const std::size_t next = begin + segment.size() + 1;
        const std::uint32_t literal = tree_.find_literal(node, segment);
        if (literal != kNoEntry && find(literal, next)) return true;
        const std::uint32_t param = tree_.nodes_[node].param;
        if (param != kNoEntry && !segment.empty() && find(param, next)) return true;
        // The byte at `begin` is the first one that '*' would match.
        const bool is_rest_plain =
            last_encoded_slash_ == std::string_view::npos || last_encoded_slash_ < begin;
        return is_rest_plain && end_at(node * 2 + 1);
    }
    const RouteTree::Match& match() const { return match_; }

  private:
    bool end_at(std::uint32_t place) {
        match_.seen |= tree_.place_at(place).methods;
        match_.entry = tree_.entry_at(place, method_);
        match_.place = place;
        return match_.entry != kNoEntry;
    }

    const RouteTree& tree_;
    std::string_view path_;
    std::uint32_t method_;
    std::size_t last_encoded_slash_;
    RouteTree::Match match_;
};

RouteTree::Match RouteTree::find(std::string_view path, std::uint32_t method,
                                 std::size_t last_encoded_slash) const {
    RouteWalk walk(*this, path, method, last_encoded_slash);
    walk.find(0, 1);
    return walk.match();
}

}  // namespace kwikgate::gateway
