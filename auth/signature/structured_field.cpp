#include "auth/signature/structured_field.hpp"

#include <array>

#include "auth/ascii.hpp"
#include "auth/base64.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::auth {
namespace {

constexpr int kMaxIntegerDigits = 15;
constexpr int kMaxDecimalWholeDigits = 12;
constexpr int kMaxFractionDigits = 3;

constexpr std::uint8_t kKeyStart = 1;
constexpr std::uint8_t kKeyRest = 2;
constexpr std::uint8_t kTokenStart = 4;
constexpr std::uint8_t kTokenRest = 8;
constexpr std::uint8_t kPlainInString = 16;  // Printable, neither quote nor backslash.
constexpr std::uint8_t kBase64 = 32;

constexpr std::uint8_t classes_of(char c) {
    std::uint8_t classes = 0;
    if (is_lower(c) || c == '*') classes |= kKeyStart;
    if (is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*')
        classes |= kKeyRest;
    if (is_alpha(c) || c == '*') classes |= kTokenStart;
    if (is_alpha(c) || is_digit(c) ||
        std::string_view("!#$%&'*+-.^_`|~:/").find(c) != std::string_view::npos)
        classes |= kTokenRest;
    if (c >= 0x20 && c <= 0x7e && c != '"' && c != '\\') classes |= kPlainInString;
    if (is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '=') classes |= kBase64;
    return classes;
}

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i < 128; ++i) table[i] = classes_of(static_cast<char>(i));
    return table;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

bool is_in(char c, std::uint8_t classes) {
    return (kClasses[static_cast<unsigned char>(c)] & classes) != 0;
}

const char* span_of(const char* at, const char* end, std::uint8_t classes) {
    while (at != end && is_in(*at, classes)) ++at;
    return at;
}

std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

void FieldParser::skip_spaces() {
    while (at_ != end_ && *at_ == ' ') ++at_;
}

void FieldParser::start() {
    skip_spaces();
}

bool FieldParser::more() {
    if (failed_) return false;
    if (!after_member_) {
        after_member_ = true;
        return at_ != end_;
    }
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
    if (at_ == end_) return false;
    if (*at_ != ',') return fail();
    ++at_;
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
    return at_ != end_ || fail();  // A trailing comma.
}

bool FieldParser::finished() {
    if (failed_) return false;
    skip_spaces();
    return at_ == end_;
}

bool FieldParser::key(std::string_view& out) {
    if (failed_ || at_ == end_ || !is_in(*at_, kKeyStart)) return fail();
    const char* const begin = at_;
    at_ = span_of(at_ + 1, end_, kKeyRest);
    out = between(begin, at_);
    return true;
}

bool FieldParser::equals() {
    if (failed_ || at_ == end_ || *at_ != '=') return false;
    ++at_;
    return true;
}

bool FieldParser::open_list() {
    if (failed_ || at_ == end_ || *at_ != '(') return false;
    ++at_;
    list_has_item_ = false;
    return true;
}

bool FieldParser::next_in_list(BareItem& out) {
    if (failed_) return false;
    const char* const before = at_;
    skip_spaces();
    if (at_ == end_) return fail();
    if (*at_ == ')') {
        ++at_;
        return false;
    }
    if (list_has_item_ && at_ == before) return fail();  // Items are separated by spaces.
    list_has_item_ = true;
    return bare_item(out);
}

bool FieldParser::next_parameter(FieldParameter& out) {
    if (failed_ || at_ == end_ || *at_ != ';') return false;
    ++at_;
    skip_spaces();
    if (!key(out.key)) return false;
    if (equals()) return bare_item(out.value);
    out.value = BareItem{ItemType::boolean, 1, {}};
    return true;
}

bool FieldParser::skip_member() {
    FieldParameter parameter;
    BareItem item;
    if (open_list()) {
        while (next_in_list(item))
            while (next_parameter(parameter)) continue;
    } else {
        bare_item(item);
    }
    while (next_parameter(parameter)) continue;
    return !failed_;
}

std::string_view FieldParser::rest_of_member() {
    const char* const begin = at_;
    FieldParameter parameter;
    if (equals()) {
        skip_member();
    } else {
        while (next_parameter(parameter)) continue;
    }
    return {begin, static_cast<std::size_t>(at_ - begin)};
}

bool FieldParser::bare_item(BareItem& out) {
    if (failed_ || at_ == end_) return fail();
    const char c = *at_;
    if (c == '"') return string(out);
    if (is_digit(c) || c == '-') return number(out, false);
    if (is_in(c, kTokenStart)) {
        const char* const begin = at_;
        at_ = span_of(at_ + 1, end_, kTokenRest);
        out = BareItem{ItemType::token, 0, between(begin, at_)};
        return true;
    }
    if (c == ':') return byte_sequence(out);
    if (c == '?') {
        if (end_ - at_ < 2 || (at_[1] != '0' && at_[1] != '1')) return fail();
        out = BareItem{ItemType::boolean, at_[1] - '0', {}};
        at_ += 2;
        return true;
    }
    if (c == '@') {
        ++at_;
        return number(out, true);
    }
    if (c == '%') return display_string(out);
    return fail();
}

bool FieldParser::number(BareItem& out, bool is_date) {
    const bool negative = at_ != end_ && *at_ == '-';
    if (negative) ++at_;
    std::int64_t value = 0;
    int digits = 0;
    for (; at_ != end_ && is_digit(*at_); ++at_) {
        if (++digits > kMaxIntegerDigits) return fail();
        value = value * 10 + (*at_ - '0');
    }
    if (digits == 0) return fail();
    if (at_ == end_ || *at_ != '.') {
        out = BareItem{is_date ? ItemType::date : ItemType::integer, negative ? -value : value, {}};
        return true;
    }
    if (is_date || digits > kMaxDecimalWholeDigits) return fail();
    ++at_;
    int fraction_digits = 0;
    for (; at_ != end_ && is_digit(*at_); ++at_) {
        if (++fraction_digits > kMaxFractionDigits) return fail();
        value = value * 10 + (*at_ - '0');
    }
    if (fraction_digits == 0) return fail();
    for (; fraction_digits < kMaxFractionDigits; ++fraction_digits) value *= 10;
    out = BareItem{ItemType::decimal, negative ? -value : value, {}};
    return true;
}

bool FieldParser::string(BareItem& out) {
    const char* const begin = ++at_;
    for (;;) {
        at_ = span_of(at_, end_, kPlainInString);
        if (at_ == end_) return fail();
        if (*at_ == '"') break;
        if (*at_ != '\\' || end_ - at_ < 2 || (at_[1] != '"' && at_[1] != '\\')) return fail();
        at_ += 2;
    }
    out = BareItem{ItemType::string, 0, between(begin, at_)};
    ++at_;
    return true;
}

bool FieldParser::byte_sequence(BareItem& out) {
    const char* const begin = ++at_;
    at_ = span_of(at_, end_, kBase64);
    if (at_ == end_ || *at_ != ':') return fail();
    out = BareItem{ItemType::byte_sequence, 0, between(begin, at_)};
    if (!is_byte_sequence(out.raw)) return fail();
    ++at_;
    return true;
}

bool FieldParser::display_string(BareItem& out) {
    if (end_ - at_ < 2 || at_[1] != '"') return fail();
    at_ += 2;
    const char* const begin = at_;
    Utf8Check utf8;
    for (; at_ != end_ && *at_ != '"'; ++at_) {
        if (*at_ < 0x20 || *at_ > 0x7e) return fail();
        if (*at_ != '%') {
            if (!utf8.feed(static_cast<unsigned char>(*at_))) return fail();
            continue;
        }
        if (end_ - at_ < 3 || is_upper(at_[1]) || is_upper(at_[2])) return fail();
        const int byte = hex_pair(at_[1], at_[2]);
        if (byte < 0 || !utf8.feed(static_cast<unsigned char>(byte))) return fail();
        at_ += 2;
    }
    if (at_ == end_ || !utf8.complete()) return fail();
    out = BareItem{ItemType::display_string, 0, between(begin, at_)};
    ++at_;
    return true;
}

}  // namespace kwikgate::auth
