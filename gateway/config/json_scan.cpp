#include "gateway/config/json_scan.hpp"

#include <charconv>

#include "auth/ascii.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::gateway {

std::size_t find_invalid_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auth::Utf8Character c = auth::first_character(text.substr(at));
        if (!c.is_valid()) return at;
        at += c.bytes;
    }
    return at;
}

bool JsonScan::fail(std::size_t offset, std::string_view message, std::string_view hint) {
    fault_ = {offset, {}, std::string(message), std::string(hint)};
    return false;
}

void JsonScan::skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
}

bool JsonScan::run(JsonValue& root) {
    skip_space();
    if (at_ == text_.size()) return fail(at_, "the file is empty");
    if (!scan_value(root, 1)) return false;
    skip_space();
    if (at_ != text_.size()) return fail(at_, "something follows the end of the document");
    return true;
}

bool JsonScan::scan_value(JsonValue& value, std::size_t depth) {
    value.offset = at_;
    if (++values_ > kMaxJsonValues) return fail(at_, "more than 1,000,000 values");
    if (at_ == text_.size()) return fail(at_, "the text ends where a value should stand");
    switch (text_[at_]) {
        case '{':
            return scan_object(value, depth);
        case '[':
            return scan_array(value, depth);
        case '"':
            value.kind = JsonKind::string;
            return scan_string();
        case 't':
            value.kind = JsonKind::boolean;
            return scan_word("true");
        case 'f':
            value.kind = JsonKind::boolean;
            return scan_word("false");
        case 'n':
            value.kind = JsonKind::null;
            return scan_word("null");
        case '/':
            return fail(at_, "a value should stand here", "JSON has no comments");
        case '\'':
            return fail(at_, "a value should stand here", "strings stand between double quotes");
        case ']':
        case '}':
            return fail(at_, "a value should stand here", "a comma too many before it?");
        default:
            if (depth == 1 && text_[at_] != '-' && !auth::is_digit(text_[at_]))
                return fail(at_, "a value should stand here", "the file is JSON: it begins with {");
            return scan_number(value);
    }
}

bool JsonScan::scan_separator(char close, bool& is_done) {
    skip_space();
    is_done = at(close);
    if (!is_done && !at(',')) {
        return fail(at_,
                    close == '}' ? "',' or '}' should stand here" : "',' or ']' should stand here");
    }
    ++at_;
    if (!is_done) skip_space();
    return true;
}

bool JsonScan::scan_object(JsonValue& value, std::size_t depth) {
    value.kind = JsonKind::object;
    if (depth > kMaxJsonDepth) return fail(at_, "nested more than 32 deep");
    ++at_;
    skip_space();
    if (at('}')) {
        ++at_;
        return true;
    }
    for (bool is_done = false; !is_done;) {
        if (!at('"')) {
            return fail(at_, "a name between double quotes should stand here",
                        at('}')   ? "a comma too many before it?"
                        : at('/') ? "JSON has no comments"
                                  : "");
        }
        JsonMember& member = value.members.emplace_back();
        member.offset = at_;
        if (!scan_string()) return false;
        skip_space();
        if (!at(':')) return fail(at_, "':' should stand here");
        ++at_;
        skip_space();
        if (!scan_value(member.value, depth + 1)) return false;
        if (!scan_separator('}', is_done)) return false;
    }
    return true;
}

bool JsonScan::scan_array(JsonValue& value, std::size_t depth) {
    value.kind = JsonKind::array;
    if (depth > kMaxJsonDepth) return fail(at_, "nested more than 32 deep");
    ++at_;
    skip_space();
    if (at(']')) {
        ++at_;
        return true;
    }
    for (bool is_done = false; !is_done;) {
        if (!scan_value(value.items.emplace_back(), depth + 1)) return false;
        if (!scan_separator(']', is_done)) return false;
    }
    return true;
}

bool JsonScan::scan_string() {
    const std::size_t begin = at_++;
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '"') {
            ++at_;
            return true;
        }
        if (static_cast<unsigned char>(c) < 0x20) {
            return fail(at_, "a control character inside a string",
                        c == '\n' ? "is the closing quote missing?" : "write it as an escape");
        }
        if (c != '\\') {
            ++at_;
        } else if (!scan_escape()) {
            return false;
        }
    }
    return fail(begin, "the string has no end");
}

bool JsonScan::scan_escape() {
    const std::size_t begin = at_++;
    if (at_ == text_.size()) return fail(begin, "an escape without end");
    if (std::string_view("\"\\/bfnrt").find(text_[at_]) != text_.npos) {
        ++at_;
        return true;
    }
    unsigned unit = 0;
    if (!scan_hex4(unit)) return fail(begin, "no such escape", "a backslash is written \\\\");
    if (unit < 0xd800 || unit > 0xdfff) return true;
    unsigned low = 0;
    const bool is_pair =
        unit < 0xdc00 && at('\\') && (++at_, scan_hex4(low)) && low >= 0xdc00 && low <= 0xdfff;
    return is_pair || fail(begin, "half of a surrogate pair");
}

bool JsonScan::scan_hex4(unsigned& unit) {
    if (!at('u') || text_.size() - at_ < 5) return false;
    const char* begin = text_.data() + at_ + 1;
    const auto [end, error] = std::from_chars(begin, begin + 4, unit, 16);
    if (error != std::errc() || end != begin + 4) return false;
    at_ += 5;
    return true;
}

bool JsonScan::scan_digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && auth::is_digit(text_[at_])) ++at_;
    return at_ != begin;
}

bool JsonScan::scan_number(JsonValue& value) {
    const std::size_t begin = at_;
    value.kind = JsonKind::integer;
    if (at('-')) ++at_;
    const bool has_leading_zero = at('0');
    if (!scan_digits()) return fail(begin, "a value should stand here");
    if (has_leading_zero && at_ - begin > (text_[begin] == '-' ? 2U : 1U))
        return fail(begin, "a number with leading zeros");
    if (at('.')) {
        value.kind = JsonKind::real;
        ++at_;
        if (!scan_digits()) return fail(begin, "a number without digits behind its point");
    }
    if (at('e') || at('E')) {
        value.kind = JsonKind::real;
        ++at_;
        if (at('+') || at('-')) ++at_;
        if (!scan_digits()) return fail(begin, "a number without digits in its exponent");
    }
    if (at_ < text_.size() && std::string_view(" \t\r\n,]}").find(text_[at_]) == text_.npos) {
        return fail(begin, "not a number",
                    "durations and sizes are strings, such as \"30s\" or \"64KiB\"");
    }
    const char* end = text_.data() + at_;
    std::errc error{};
    if (value.kind == JsonKind::real) {
        double number = 0;
        error = std::from_chars(text_.data() + begin, end, number).ec;
    } else if (text_[begin] == '-') {
        std::int64_t number = 0;
        error = std::from_chars(text_.data() + begin, end, number).ec;
    } else {
        std::uint64_t number = 0;
        error = std::from_chars(text_.data() + begin, end, number).ec;
    }
    return error == std::errc() || fail(begin, "a number that no 64 bits can hold");
}

bool JsonScan::scan_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail(at_, "a value should stand here");
    at_ += word.size();
    if (at_ < text_.size() && std::string_view(" \t\r\n,]}").find(text_[at_]) == text_.npos)
        return fail(at_ - word.size(), "a value should stand here");
    return true;
}

}  // namespace kwikgate::gateway
