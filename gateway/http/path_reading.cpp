#include "gateway/http/path_reading.hpp"

#include <algorithm>
#include <cstring>

#include "auth/ascii.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::hex_pair;

/// A piece of text in the reader's space. One byte behind it is free for a trailing slash.
struct Text {
    char* data = nullptr;  ///< Null: there is no such text.
    std::size_t size = 0;
    PathSteps steps = 0;
    bool must_match = false;

    std::string_view view() const { return {data, size}; }
    bool contains(char c) const { return view().find(c) != std::string_view::npos; }
    explicit operator bool() const { return data != nullptr; }
    /// Whether a reading of its own came out of `step`.
    Text after(PathStep step) const {
        Text text = *this;
        text.steps = static_cast<PathSteps>(text.steps | bit(step));
        return text;
    }
};

bool is_dots(std::string_view segment) {
    return segment == "." || segment == "..";
}

bool has_dot_segment(std::string_view path) {
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (is_dots(path.substr(begin, end - begin))) return true;
        begin = end + 1;
    }
    return false;
}

/// Decodes `from` into `to`, which has as much room; returns the size.
std::size_t decode(std::string_view from, char* to) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        const int byte =
            from[i] == '%' && i + 2 < from.size() ? hex_pair(from[i + 1], from[i + 2]) : -1;
        to[size++] = byte < 0 ? from[i] : static_cast<char>(byte);
        if (byte >= 0) i += 2;
    }
    return size;
}

std::size_t cut_parameters(std::string_view from, char* to) {
    std::size_t size = 0;
    bool is_cut = false;
    for (const char c : from) {
        if (c == '/') is_cut = false;
        if (c == ';') is_cut = true;
        if (!is_cut) to[size++] = c;
    }
    return size;
}

std::size_t merge_slashes(std::string_view from, char* to) {
    std::size_t size = 0;
    for (const char c : from)
        if (c != '/' || size == 0 || to[size - 1] != '/') to[size++] = c;
    return size;
}

/// RFC 3986, 5.2.4.
std::size_t resolve_dots(std::string_view from, char* to) {
    std::size_t size = 0;
    for (std::size_t begin = 1; begin <= from.size();) {
        const std::size_t end = std::min(from.find('/', begin), from.size());
        const std::string_view segment = from.substr(begin, end - begin);
        if (segment == "..")
            while (size > 0 && to[--size] != '/') {
            }
        if (!is_dots(segment)) {
            to[size++] = '/';
            std::copy(segment.begin(), segment.end(), to + size);
            size += segment.size();
        } else if (end == from.size()) {
            to[size++] = '/';
        }
        begin = end + 1;
    }
    return size;
}

std::size_t turn_backslashes(std::string_view from, char* to) {
    std::replace_copy(from.begin(), from.end(), to, '\\', '/');
    return from.size();
}

std::size_t fold_case(std::string_view from, char* to) {
    std::transform(from.begin(), from.end(), to, [](char c) { return auth::to_lower(c); });
    return from.size();
}

class Reader {
  public:
    explicit Reader(PathReadingVisitor& visitor) : visitor_(visitor) {}

    PathReadingsEnd run(std::string_view path) {
        Text text;
        text.data = take(path.size());
        if (!text) return end_;
        text.size = path.size();
        std::copy(path.begin(), path.end(), text.data);
        read_level(text, 0);
        return end_;
    }

  private:
    using Change = std::size_t (*)(std::string_view from, char* to);

    bool is_over() const { return end_ != PathReadingsEnd::complete; }

    char* take(std::size_t size) {
        if (size >= space_.size() - used_) {
            end_ = PathReadingsEnd::too_long;
            return nullptr;
        }
        char* const at = space_.data() + used_;
        used_ += size + 1;
        return at;
    }

    /// `from` changed into a text of its own.
    Text changed(const Text& from, PathStep step, Change change) {
        Text text = from.after(step);
        text.data = take(from.size);
        if (text) text.size = change(from.view(), text.data);
        return text;
    }

    /// All readings that begin with `text`, which was decoded `depth` times.
    void read_level(const Text& text, int depth) {
        read_on(text, depth);
        const Text cut = cut_of(text);
        if (cut) read_on(cut, depth);
        const Text turned = turned_of(text);
        if (turned) {
            read_on(turned, depth);
            if (const Text turned_cut = cut_of(turned)) read_on(turned_cut, depth);
        }
        if (cut)
            if (const Text cut_turned = turned_of(cut)) read_on(cut_turned, depth);
    }

    Text cut_of(const Text& text) {
        if (is_over() || !text.contains(';')) return {};
        return changed(text, PathStep::parameters_cut, cut_parameters);
    }

    Text turned_of(const Text& text) {
        if (is_over() || !text.contains('\\')) return {};
        Text turned = changed(text, PathStep::backslash_turned, turn_backslashes);
        turned.must_match = true;
        return turned;
    }

    /// `text` itself, and what becomes of it when it is decoded.
    void read_on(const Text& text, int depth) {
        offer_forms(text);
        if (is_over() || depth == 2 || !text.contains('%')) return;
        const PathStep step = depth == 0 ? PathStep::decoded : PathStep::decoded_twice;
        Text decoded = changed(text, step, decode);
        if (!decoded || decoded.size == text.size) return;  // There was no escape.
        const auto slashes = [](const Text& of) {
            return std::count(of.data, of.data + of.size, '/');
        };
        decoded.must_match = text.must_match || slashes(decoded) != slashes(text);
        read_level(decoded, depth + 1);
    }

    void offer_forms(const Text& text) {
        offer_resolved(text);
        if (is_over() || text.view().find("//") == std::string_view::npos) return;
        Text merged = changed(text, PathStep::slashes_merged, merge_slashes);
        merged.must_match = false;
        if (merged) offer_resolved(merged);
    }

    void offer_resolved(const Text& text) {
        offer_folded(text);
        if (is_over() || !has_dot_segment(text.view())) return;
        Text resolved = changed(text, PathStep::dots_resolved, resolve_dots);
        resolved.must_match = true;  // The dots came out of escapes.
        if (resolved) offer_folded(resolved);
    }

    void offer_folded(const Text& text) {
        offer(text);
        if (is_over()) return;
        Text folded = text.after(PathStep::lower_case);
        const bool is_folded = std::none_of(text.data, text.data + text.size,
                                            [](char c) { return c >= 'A' && c <= 'Z'; });
        if (!is_folded) folded = changed(text, PathStep::lower_case, fold_case);
        folded.must_match = false;
        if (folded) offer(folded);
    }

    /// As it is, and with the other kind of end.
    void offer(const Text& text) {
        visit(text);
        if (is_over() || text.size <= 1) return;
        const bool has_slash = text.data[text.size - 1] == '/';
        Text other = text.after(has_slash ? PathStep::slash_dropped : PathStep::slash_added);
        other.must_match = false;
        if (has_slash) {
            --other.size;
        } else {
            other.data[other.size++] = '/';
        }
        visit(other);
    }

    void visit(const Text& text) {
        if (!visitor_.visit({text.view(), text.steps, text.must_match}))
            end_ = PathReadingsEnd::stopped;
    }

    PathReadingVisitor& visitor_;
    PathReadingsEnd end_ = PathReadingsEnd::complete;
    std::size_t used_ = 0;
    std::array<char, kMaxReadingBytes> space_;  // Not filled: a page is touched once it is used.
};

}  // namespace

PathReadingsEnd visit_path_readings(std::string_view path, PathReadingVisitor& visitor) {
    return Reader(visitor).run(path);
}

std::string describe_steps(PathSteps steps) {
    std::string text;
    for (const PathStepRow& row : kPathSteps) {
        if ((steps & bit(row.step)) == 0) continue;
        if (!text.empty()) text += ", ";
        text += row.words;
    }
    return text.empty() ? "as it stands" : text;
}

std::string decode_escapes(std::string_view text) {
    std::string decoded(text.size(), '\0');
    decoded.resize(decode(text, decoded.data()));
    return decoded;
}

}  // namespace kwikgate::gateway::http
