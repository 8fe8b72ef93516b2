#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

/// What a route table should make of a path, found by trying every reading on strings and comparing
/// patterns segment by segment. It shares no code with what it judges.
namespace kwikgate::gateway::model {

using Strings = std::vector<std::string>;

inline Strings split(const std::string& path) {
    Strings segments;
    std::string segment;
    for (std::size_t i = 1; i < path.size(); ++i) {
        if (path[i] == '/') {
            segments.push_back(segment);
            segment.clear();
        } else {
            segment += path[i];
        }
    }
    segments.push_back(segment);
    return segments;
}

inline std::string join(const Strings& segments) {
    std::string path;
    for (const std::string& segment : segments) path += "/" + segment;
    return path;
}

inline std::string decode(const std::string& text) {
    static const std::string kDigits = "0123456789abcdef";
    const auto digit = [](char c) {
        return kDigits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool has_digits = text[i] == '%' && i + 2 < text.size() &&
                                digit(text[i + 1]) != std::string::npos &&
                                digit(text[i + 2]) != std::string::npos;
        out +=
            has_digits ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
        if (has_digits) i += 2;
    }
    return out;
}

inline std::string cut(const std::string& path) {
    Strings segments = split(path);
    for (std::string& segment : segments) segment = segment.substr(0, segment.find(';'));
    return join(segments);
}

inline std::string turn(std::string path) {
    std::replace(path.begin(), path.end(), '\\', '/');
    return path;
}

inline std::string merge(std::string path) {
    for (std::size_t at = path.find("//"); at != std::string::npos; at = path.find("//"))
        path.erase(at, 1);
    return path;
}

inline std::string resolve(const std::string& path) {
    Strings left;
    const Strings segments = split(path);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool is_last = i + 1 == segments.size();
        if (segments[i] == ".." && !left.empty()) left.pop_back();
        if (segments[i] != "." && segments[i] != "..")
            left.push_back(segments[i]);
        else if (is_last)
            left.emplace_back();
    }
    return join(left);
}

inline std::string fold(std::string path) {
    for (char& c : path) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return path;
}

struct Reading {
    std::string path;
    bool must_match = false;
    bool is_folded = false;
    std::string before_slash;  ///< Where one was added; else empty.
    bool operator==(const Reading&) const = default;
};

inline void put(std::vector<Reading>& list, Reading reading) {
    if (std::find(list.begin(), list.end(), reading) == list.end())
        list.push_back(std::move(reading));
}

/// Decoded up to twice; parameters cut before and after; backslashes turned before or after that.
inline std::vector<Reading> decoded_readings(const std::string& path) {
    std::vector<Reading> found;
    const auto count = [](const std::string& text) {
        return std::count(text.begin(), text.end(), '/');
    };
    for (int decodes = 0; decodes <= 2; ++decodes) {
        for (int choice = 0; choice < 8 * 3; ++choice) {
            const int turned = choice / 8;
            Reading reading{path, false, false, {}};
            for (int step = 0; step <= decodes; ++step) {
                const std::string before = reading.path;
                if (step > 0) reading.path = decode(before);
                if (turned == 1) reading.path = turn(reading.path);
                reading.must_match |= count(reading.path) != count(before);
                if ((choice & (1 << step)) != 0) reading.path = cut(reading.path);
                const std::string uncut = reading.path;
                if (turned == 2) reading.path = turn(uncut);
                reading.must_match |= count(reading.path) != count(uncut);
            }
            put(found, reading);
        }
    }
    return found;
}

inline std::vector<Reading> all_readings(const std::string& path) {
    std::vector<Reading> found;
    for (const Reading& base : decoded_readings(path)) {
        for (int choice = 0; choice < 16; ++choice) {
            Reading reading = base;
            if ((choice & 1) != 0 && reading.path != merge(reading.path)) {
                reading.path = merge(reading.path);
                reading.must_match = false;
            }
            if ((choice & 2) != 0 && reading.path != resolve(reading.path)) {
                reading.path = resolve(reading.path);
                reading.must_match = true;
            }
            if ((choice & 4) != 0) {
                reading.path = fold(reading.path);
                reading.is_folded = true;
                reading.must_match = false;
            }
            if ((choice & 8) != 0) {
                if (reading.path == "/") continue;
                reading.must_match = false;
                if (reading.path.back() == '/') {
                    reading.path.pop_back();
                } else {
                    reading.before_slash = reading.path;
                    reading.path += "/";
                }
            }
            put(found, reading);
        }
    }
    return found;
}

struct ModelRoute {
    std::string method;
    std::string pattern;
    unsigned rights = 0;
    bool opaque = false;
};

/// A pattern in one of the ways in which a server may hold it.
struct Pattern {
    std::size_t route = 0;
    Strings segments;  ///< "{" for a parameter, "*" for the rest.
};

class Model {
  public:
    explicit Model(std::vector<ModelRoute> routes) : routes_(std::move(routes)) {
        for (std::size_t i = 0; i < routes_.size(); ++i) {
            const Strings segments = shape(routes_[i].pattern);
            as_written_.push_back({i, segments});
            for (int decodes = 0; decodes <= 2; ++decodes)
                for (const bool is_cut : {false, true}) hold(i, segments, decodes, is_cut);
        }
    }

    /// The routes that a server may serve the path by: one, unless patterns are read alike.
    std::vector<std::size_t> found(const std::vector<Pattern>& patterns, const std::string& method,
                                   const std::string& path, bool rest_is_plain = false) const {
        const Strings segments = split(path);
        std::string best(1, '~');  // Behind all kinds.
        std::vector<std::size_t> routes;
        for (const Pattern& pattern : patterns) {
            const std::string kinds = kinds_of(pattern.segments, segments, rest_is_plain);
            if (kinds.empty() || kinds > best || !answers(pattern.route, method)) continue;
            if (kinds < best) routes.clear();
            best = kinds;
            routes.push_back(pattern.route);
        }
        // HEAD by GET only where the same pattern has no route for HEAD.
        if (method == "HEAD") {
            const std::vector<std::size_t> all = routes;
            std::erase_if(routes, [&](std::size_t route) {
                return routes_[route].method != "HEAD" &&
                       std::any_of(all.begin(), all.end(), [&](std::size_t other) {
                           return routes_[other].method == "HEAD" &&
                                  as_written_[other].segments == as_written_[route].segments;
                       });
            });
        }
        return routes;
    }

    /// "" where the path is refused as ambiguous, "-" where it has no route, else its route.
    std::string verdict(const std::string& method, const std::string& path) const {
        const auto taken = found(as_written_, method, path, true);
        if (taken.empty()) return "-";
        const ModelRoute& route = routes_[taken[0]];
        for (const Reading& reading : all_readings(path)) {
            const auto& patterns = reading.is_folded ? folded_ : exact_;
            const auto others = found(patterns, method, reading.path);
            if (others.empty() && reading.must_match && !route.opaque) return "";
            for (const std::size_t other : others) {
                if (routes_[other].rights == route.rights) continue;
                if (!is_no_better(patterns, method, reading, other)) return "";
            }
        }
        return route.method + " " + route.pattern;
    }

  private:
    static Strings shape(const std::string& pattern) {
        Strings segments = split(pattern);
        for (std::string& segment : segments)
            if (segment.starts_with('{')) segment = "{";
        return segments;
    }

    void hold(std::size_t route, const Strings& segments, int decodes, bool is_cut) {
        Strings held = segments;
        for (std::string& segment : held) {
            if (segment == "{" || segment == "*") continue;
            for (int i = 0; i < decodes; ++i) segment = decode(segment);
            if (is_cut) segment = segment.substr(0, segment.find(';'));
        }
        const auto keep = [&](std::vector<Pattern>& patterns) {
            for (const Pattern& known : patterns)
                if (known.route == route && known.segments == held) return;
            patterns.push_back({route, held});
        };
        keep(exact_);
        for (std::string& segment : held) segment = fold(segment);
        keep(folded_);
    }

    bool answers(std::size_t route, const std::string& method) const {
        const std::string& own = routes_[route].method;
        return own == method || (own == "GET" && method == "HEAD");
    }

    /// A letter a segment, in order of precedence; empty where the pattern does not match.
    static std::string kinds_of(const Strings& pattern, const Strings& path, bool rest_is_plain) {
        std::string kinds;
        for (std::size_t i = 0; i < pattern.size(); ++i) {
            if (pattern[i] == "*") {
                if (i >= path.size()) return "";
                for (std::size_t k = i; rest_is_plain && k < path.size(); ++k)
                    if (fold(path[k]).find("%2f") != std::string::npos) return "";
                return kinds + "c";
            }
            if (i >= path.size()) return "";
            if (pattern[i] == "{" ? path[i].empty() : pattern[i] != path[i]) return "";
            kinds += pattern[i] == "{" ? "b" : "a";
        }
        return pattern.size() == path.size() ? kinds : "";
    }

    /// An added slash counts only where it leads to a more specific pattern.
    bool is_no_better(const std::vector<Pattern>& patterns, const std::string& method,
                      const Reading& reading, std::size_t other) const {
        if (reading.before_slash.empty()) return false;
        const auto shorter = found(patterns, method, reading.before_slash);
        if (shorter.empty()) return false;
        const auto kinds = [](const Strings& segments) {
            std::string text;
            for (const std::string& segment : segments)
                text += segment == "*" ? 'c' : segment == "{" ? 'b' : 'a';
            return text;
        };
        const std::string own = kinds(as_written_[shorter[0]].segments);
        const std::string others = kinds(as_written_[other].segments);
        return others.starts_with(own) || others > own;
    }

    std::vector<ModelRoute> routes_;
    std::vector<Pattern> as_written_;
    std::vector<Pattern> exact_;
    std::vector<Pattern> folded_;
};

}  // namespace kwikgate::gateway::model
