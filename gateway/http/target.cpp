#include "gateway/http/target.hpp"

#include <cstddef>
#include <cstdint>

#include "auth/authority.hpp"
#include "auth/utf8.hpp"
#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::Reason;

/// Follows the dots of one segment, to tell ".", ".." from everything else.
class DotSegment {
  public:
    void dot() { dots_ = dots_ < 3 ? static_cast<unsigned char>(dots_ + 1) : dots_; }
    void other() { plain_ = true; }
    /// True when what stood since the last delimiter was "." or "..".
    bool end() {
        const bool found = !plain_ && (dots_ == 1 || dots_ == 2);
        dots_ = 0;
        plain_ = false;
        return found;
    }

  private:
    unsigned char dots_ = 0;
    bool plain_ = false;
};

/// The escaped byte at `text[at]` ('%'), or -1 when it is not two hex digits.
int escaped_byte(std::string_view text, std::size_t at) {
    if (at + 2 >= text.size()) return -1;
    const char high = text[at + 1];
    const char low = text[at + 2];
    if (!is_class(high, kHexChar) || !is_class(low, kHexChar)) return -1;
    return static_cast<int>(hex_value(high) * 16 + hex_value(low));
}

/// Judges one escape of a path; false when it is refused.
bool accept_path_escape(int byte, DotSegment& segment) {
    if (byte < 0x20 || byte == 0x7f || byte == '\\') return false;
    if (byte == '.') {
        segment.dot();
        return true;
    }
    // The route decides whether an encoded slash may stand here; a dot segment beside it may not.
    if (byte == '/' || byte == ';') {
        const bool dots = segment.end();
        if (byte == ';') segment.other();
        return !dots;
    }
    segment.other();
    return true;
}

bool is_unambiguous_path(std::string_view path) {
    DotSegment segment;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const char c = path[i];
        if (c == '%') {
            if (!accept_path_escape(escaped_byte(path, i), segment)) return false;
            i += 2;
        } else if (c == '/') {
            if (segment.end() || (i > 0 && path[i - 1] == '/')) return false;
        } else if (c == '.') {
            segment.dot();
        } else if (c == ';') {
            if (segment.end()) return false;
            segment.other();
        } else {
            if (!is_class(c, kPathChar)) return false;
            segment.other();
        }
    }
    return !segment.end();
}

/// The query is data to whoever reads it: only what may end it early, and what is no text, is
/// refused. A '%' that begins no escape stands for itself (the URL standard, 4.4).
bool is_unambiguous_query(std::string_view query) {
    auth::Utf8Check utf8;
    for (std::size_t i = 0; i < query.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(query[i]);
        if (byte < 0x80 && !is_class(query[i], kQueryChar) && byte != '%') return false;
        if (byte == '%' && escaped_byte(query, i) == 0) return false;
        if (!utf8.feed(byte)) return false;
    }
    return utf8.complete();
}

/// A control byte or a space cannot be part of any target: that is the line's grammar, not its
/// meaning.
bool has_control_byte(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f) return true;
    }
    return false;
}

std::size_t scheme_bytes(std::string_view target) {
    constexpr std::string_view kHttp = "http://";
    constexpr std::string_view kHttps = "https://";
    if (equal_ignoring_case(target.substr(0, kHttp.size()), kHttp)) return kHttp.size();
    if (equal_ignoring_case(target.substr(0, kHttps.size()), kHttps)) return kHttps.size();
    return 0;
}

TargetParts refuse(Reason reason) {
    TargetParts parts;
    parts.reason = reason;
    return parts;
}

}  // namespace

TargetParts split_target(std::string_view target) {
    if (target.empty()) return refuse(Reason::bad_request_line);
    TargetParts parts;
    std::string_view rest = target;
    if (target.front() != '/') {
        const std::size_t scheme = scheme_bytes(target);
        if (scheme == 0) return refuse(Reason::bad_request_line);
        rest.remove_prefix(scheme);
        const std::size_t end = rest.find_first_of("/?#");
        parts.authority = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
        if (has_control_byte(parts.authority)) return refuse(Reason::bad_request_line);
        if (!auth::parse_authority(parts.authority)) return refuse(Reason::target_ambiguous);
    }
    const std::size_t mark = rest.find('?');
    parts.path = rest.substr(0, mark);
    if (mark != std::string_view::npos) {
        parts.has_query = true;
        parts.query = rest.substr(mark + 1);
    }
    if (!is_unambiguous_path(parts.path) || !is_unambiguous_query(parts.query))
        return refuse(has_control_byte(rest) ? Reason::bad_request_line : Reason::target_ambiguous);
    if (parts.path.empty()) parts.path = "/";
    return parts;
}

}  // namespace kwikgate::gateway::http
