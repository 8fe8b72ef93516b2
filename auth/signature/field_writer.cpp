// Serialisation of structured fields: the second half of structured_field.hpp.

#include <array>
#include <charconv>
#include <cmath>

#include "auth/ascii.hpp"
#include "auth/base64.hpp"
#include "auth/signature/structured_field.hpp"
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

/// Base64 that may lack its padding.
void write_padded(std::string_view base64, BoundedText& out) {
    out.put(':');
    out.put(base64);
    if (base64.size() % 4 != 0) out.put(std::string_view("==").substr(base64.size() % 4 - 2));
    out.put(':');
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
            write_padded(item.raw, out);
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

}  // namespace kwikgate::auth
