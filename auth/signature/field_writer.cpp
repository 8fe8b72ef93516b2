// Serialisation of structured fields: the second half of structured_field.hpp.

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "auth/base64.hpp"
#include "auth/signature/structured_field.hpp"
#include "auth/ascii.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::int64_t kMaxInteger = 999'999'999'999'999;

/// A value is well-formed exactly when the parser reads it whole as that type.
bool parses_as(ItemType type, std::string_view text) {
    FieldParser parser(text);
    BareItem item;
    return parser.bare_item(item) && item.type == type && parser.finished() && !text.ends_with(' ');
}

void write_number(std::int64_t value, BoundedText& out) {
    std::array<char, 24> digits;
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.put(std::string_view(digits.data(), static_cast<std::size_t>(result.ptr - digits.data())));
}

void write_display_byte(std::uint8_t byte, BoundedText& out) {
    if (byte >= 0x20 && byte <= 0x7e && byte != '%' && byte != '"') {
        out.put(static_cast<char>(byte));
        return;
    }
    out.put('%');
    out.put(kLowerHex[byte >> 4]);
    out.put(kLowerHex[byte & 0x0f]);
}

/// Calls `take` with every decoded byte of a display string.
template <class Take>
void each_display_byte(std::string_view raw, Take take) {
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '%' && i + 2 < raw.size()) {
            take(static_cast<std::uint8_t>(hex_pair(raw[i + 1], raw[i + 2])));
            i += 2;
        } else {
            take(static_cast<std::uint8_t>(raw[i]));
        }
    }
}

/// Writes the parameters that follow: each key where it stood first, with the value it had last.
bool copy_parameters(FieldParser& parser, BoundedText& out, const CanonicalLimits& limits) {
    const char* const begin = parser.position();
    FieldParameter parameter;
    std::size_t count = 0;
    while (parser.next_parameter(parameter))
        if (++count > limits.max_parameters) return false;
    if (parser.failed() || count == 0) return !parser.failed();
    const std::string_view text(begin, static_cast<std::size_t>(parser.position() - begin));
    FieldParser outer(text);
    for (std::size_t i = 0; outer.next_parameter(parameter); ++i) {
        FieldParser inner(text);
        FieldParameter other;
        bool stood_before = false;
        for (std::size_t j = 0; inner.next_parameter(other); ++j) {
            if (other.key != parameter.key) continue;
            stood_before = stood_before || j < i;
            if (j > i) parameter.value = other.value;
        }
        if (!stood_before) write_parameter(parameter, out);
    }
    return true;
}

/// Reads one member value and writes it canonically.
bool copy_member(FieldParser& parser, BoundedText& out, const CanonicalLimits& limits) {
    BareItem item;
    if (!parser.open_list()) {
        if (!parser.bare_item(item)) return false;
        write_bare_item(item, out);
        return copy_parameters(parser, out, limits);
    }
    out.put('(');
    for (bool first = true; parser.next_in_list(item); first = false) {
        if (!first) out.put(' ');
        write_bare_item(item, out);
        if (!copy_parameters(parser, out, limits)) return false;
    }
    if (parser.failed()) return false;
    out.put(')');
    return copy_parameters(parser, out, limits);
}

/// True when the member after its key is Boolean true, written or implied; leaves the parser behind
/// it.
bool take_true(FieldParser& parser) {
    const char* const before = parser.position();
    if (!parser.equals()) return true;
    BareItem item;
    if (parser.bare_item(item) && item.type == ItemType::boolean && item.number == 1) return true;
    parser.rewind(before);
    parser.equals();
    return false;
}

/// Fills `members` with the keys of all lines in the order they first appeared. A line of several
/// that is empty is refused: combined, the field would hold an empty member.
std::optional<std::size_t> gather_members(std::span<const std::string_view> lines,
                                          std::span<DictionaryMember> members) {
    std::size_t count = 0;
    for (const std::string_view line : lines) {
        FieldParser parser(line);
        parser.start();
        bool is_empty = true;
        while (parser.more()) {
            is_empty = false;
            std::string_view key;
            if (!parser.key(key)) return std::nullopt;
            const char* const begin = parser.position();
            FieldParameter parameter;
            if (parser.equals()) {
                parser.skip_member();
            } else {
                while (parser.next_parameter(parameter)) continue;
            }
            const DictionaryMember member{
                key, {begin, static_cast<std::size_t>(parser.position() - begin)}};
            std::size_t at = 0;
            while (at < count && members[at].key != key) ++at;
            if (at == members.size()) return std::nullopt;
            members[at] = member;
            if (at == count) ++count;
        }
        if (!parser.finished() || (is_empty && lines.size() > 1)) return std::nullopt;
    }
    return count;
}

bool write_dictionary(std::span<const std::string_view> lines, BoundedText& out,
                      const CanonicalLimits& limits) {
    const std::optional<std::size_t> count = gather_members(lines, limits.members);
    if (!count) return false;
    for (std::size_t i = 0; i < *count; ++i) {
        if (i != 0) out.put(", ");
        out.put(limits.members[i].key);
        FieldParser parser(limits.members[i].rest);
        if (take_true(parser)) {
            if (!copy_parameters(parser, out, limits)) return false;
            continue;
        }
        out.put('=');
        if (!copy_member(parser, out, limits)) return false;
    }
    return true;
}

bool write_list(std::span<const std::string_view> lines, BoundedText& out,
                const CanonicalLimits& limits) {
    bool first = true;
    for (const std::string_view line : lines) {
        FieldParser parser(line);
        parser.start();
        bool is_empty = true;
        while (parser.more()) {
            is_empty = false;
            if (!first) out.put(", ");
            first = false;
            if (!copy_member(parser, out, limits)) return false;
        }
        if (!parser.finished() || (is_empty && lines.size() > 1)) return false;
    }
    return true;
}

bool write_item(std::span<const std::string_view> lines, BoundedText& out,
                const CanonicalLimits& limits) {
    if (lines.size() != 1) return false;
    FieldParser parser(lines[0]);
    parser.start();
    BareItem item;
    if (!parser.bare_item(item)) return false;
    write_bare_item(item, out);
    return copy_parameters(parser, out, limits) && parser.finished();
}

}  // namespace

bool write_key(std::string_view key, BoundedText& out) {
    FieldParser parser(key);
    std::string_view whole;
    if (!parser.key(whole) || whole.size() != key.size()) return false;
    out.put(key);
    return true;
}

bool write_token(std::string_view token, BoundedText& out) {
    if (!parses_as(ItemType::token, token)) return false;
    out.put(token);
    return true;
}

bool write_string(std::string_view text, BoundedText& out) {
    for (const char c : text)
        if (c < 0x20 || c > 0x7e) return false;
    out.put('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') out.put('\\');
        out.put(c);
    }
    out.put('"');
    return true;
}

bool write_integer(std::int64_t value, BoundedText& out) {
    if (value > kMaxInteger || value < -kMaxInteger) return false;
    write_number(value, out);
    return true;
}

bool write_decimal(double value, BoundedText& out) {
    if (!(std::fabs(value) < 1e13)) return false;  // Also refuses NaN.
    // The default rounding mode is half to even, as the RFC asks.
    return write_decimal_thousandths(static_cast<std::int64_t>(std::nearbyint(value * 1000.0)),
                                     out);
}

bool write_decimal_thousandths(std::int64_t value, BoundedText& out) {
    if (value > kMaxInteger || value < -kMaxInteger) return false;
    if (value < 0) out.put('-');
    const std::int64_t magnitude = value < 0 ? -value : value;
    write_number(magnitude / 1000, out);
    const auto fraction = static_cast<int>(magnitude % 1000);
    const std::array<char, 3> digits = {static_cast<char>('0' + fraction / 100),
                                        static_cast<char>('0' + fraction / 10 % 10),
                                        static_cast<char>('0' + fraction % 10)};
    std::size_t count = 3;
    while (count > 1 && digits[count - 1] == '0') --count;
    out.put('.');
    out.put(std::string_view(digits.data(), count));
    return true;
}

bool write_date(std::int64_t seconds, BoundedText& out) {
    if (seconds > kMaxInteger || seconds < -kMaxInteger) return false;
    out.put('@');
    write_number(seconds, out);
    return true;
}

bool write_display_string(std::string_view utf8, BoundedText& out) {
    Utf8Check check;
    for (const char c : utf8)
        if (!check.feed(static_cast<std::uint8_t>(c))) return false;
    if (!check.complete()) return false;
    out.put("%\"");
    for (const char c : utf8) write_display_byte(static_cast<std::uint8_t>(c), out);
    out.put('"');
    return true;
}

void write_byte_sequence(std::span<const std::uint8_t> bytes, BoundedText& out) {
    out.put(':');
    encode_base64(bytes, out.extend(base64_size(bytes.size())));
    out.put(':');
}

void write_boolean(bool value, BoundedText& out) {
    out.put(value ? "?1" : "?0");
}

void write_bare_item(const BareItem& item, BoundedText& out) {
    switch (item.type) {
        case ItemType::integer:
            write_number(item.number, out);
            break;
        case ItemType::decimal:
            write_decimal_thousandths(item.number, out);
            break;
        case ItemType::string:
            out.put('"');
            out.put(item.raw);
            out.put('"');
            break;
        case ItemType::token:
            out.put(item.raw);
            break;
        case ItemType::byte_sequence:
            out.put(':');
            out.put(item.raw);
            out.put(':');
            break;
        case ItemType::boolean:
            write_boolean(item.number != 0, out);
            break;
        case ItemType::date:
            write_date(item.number, out);
            break;
        case ItemType::display_string:
            out.put("%\"");
            each_display_byte(item.raw, [&](std::uint8_t byte) { write_display_byte(byte, out); });
            out.put('"');
            break;
    }
}

void write_parameter(const FieldParameter& parameter, BoundedText& out) {
    out.put(';');
    out.put(parameter.key);
    if (parameter.value.type == ItemType::boolean && parameter.value.number != 0) return;
    out.put('=');
    write_bare_item(parameter.value, out);
}

bool decode_text(const BareItem& item, BoundedText& out) {
    if (item.type == ItemType::display_string) {
        each_display_byte(item.raw, [&](std::uint8_t byte) { out.put(static_cast<char>(byte)); });
        return !out.overflowed();
    }
    for (std::size_t i = 0; i < item.raw.size(); ++i) {
        if (item.raw[i] == '\\' && i + 1 < item.raw.size()) ++i;
        out.put(item.raw[i]);
    }
    return !out.overflowed();
}

bool write_canonical_field(FieldType type, std::span<const std::string_view> lines,
                           BoundedText& out, const CanonicalLimits& limits) {
    switch (type) {
        case FieldType::item:
            return write_item(lines, out, limits);
        case FieldType::list:
            return write_list(lines, out, limits);
        case FieldType::dictionary:
            break;
    }
    if (!limits.members.empty()) return write_dictionary(lines, out, limits);
    std::array<DictionaryMember, 64> members;
    return write_dictionary(lines, out, CanonicalLimits{limits.max_parameters, members});
}

bool write_dictionary_member(std::string_view key, std::span<const std::string_view> lines,
                             BoundedText& out) {
    std::optional<std::string_view> found;
    for (const std::string_view line : lines) {
        FieldParser parser(line);
        parser.start();
        while (parser.more()) {
            std::string_view name;
            if (!parser.key(name)) return false;
            const char* const begin = parser.position();
            FieldParameter parameter;
            if (parser.equals()) {
                parser.skip_member();
            } else {
                while (parser.next_parameter(parameter)) continue;
            }
            if (name == key)
                found =
                    std::string_view(begin, static_cast<std::size_t>(parser.position() - begin));
        }
        if (!parser.finished()) return false;
    }
    if (!found) return false;
    const CanonicalLimits limits;
    FieldParser parser(*found);
    if (!take_true(parser)) return copy_member(parser, out, limits);
    out.put("?1");
    return copy_parameters(parser, out, limits);
}

}  // namespace kwikgate::auth
