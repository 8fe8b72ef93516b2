#include "auth/base64.hpp"

#include <array>

namespace kwikgate::auth {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Values of 64 and above never come from a valid character: or-ing a group shows any bad one.
constexpr std::uint8_t kBad = 0x80;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    for (std::uint8_t& value : values) value = kBad;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

std::uint32_t value_of(char c) {
    return kValues[static_cast<unsigned char>(c)];
}

/// The last group, which may be padded. Returns the bytes written, 0 for a bad group.
std::size_t decode_last(std::string_view group, std::uint8_t* out) {
    const std::uint32_t a = value_of(group[0]);
    const std::uint32_t b = value_of(group[1]);
    if (((a | b) & kBad) != 0) return 0;
    out[0] = static_cast<std::uint8_t>(a << 2 | b >> 4);
    if (group[2] == '=') {
        return group[3] == '=' && (b & 0x0f) == 0 ? 1 : 0;
    }
    const std::uint32_t c = value_of(group[2]);
    if ((c & kBad) != 0) return 0;
    out[1] = static_cast<std::uint8_t>((b << 4 | c >> 2) & 0xff);
    if (group[3] == '=') return (c & 0x03) == 0 ? 2 : 0;
    const std::uint32_t d = value_of(group[3]);
    if ((d & kBad) != 0) return 0;
    out[2] = static_cast<std::uint8_t>((c << 6 | d) & 0xff);
    return 3;
}

std::size_t padding_of(std::string_view text) {
    if (!text.ends_with('=')) return 0;
    return text.ends_with("==") ? 2 : 1;
}

}  // namespace

std::optional<std::size_t> decode_base64(std::string_view text, std::span<std::uint8_t> out) {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.empty()) return 0;
    if (out.size() < text.size() / 4 * 3 - padding_of(text)) return std::nullopt;
    std::size_t written = 0;
    std::size_t at = 0;
    for (; at + 4 < text.size(); at += 4) {
        const std::uint32_t a = value_of(text[at]);
        const std::uint32_t b = value_of(text[at + 1]);
        const std::uint32_t c = value_of(text[at + 2]);
        const std::uint32_t d = value_of(text[at + 3]);
        if (((a | b | c | d) & kBad) != 0) return std::nullopt;
        const std::uint32_t word = a << 18 | b << 12 | c << 6 | d;
        out[written] = static_cast<std::uint8_t>(word >> 16);
        out[written + 1] = static_cast<std::uint8_t>(word >> 8 & 0xff);
        out[written + 2] = static_cast<std::uint8_t>(word & 0xff);
        written += 3;
    }
    std::uint8_t last[3] = {};
    const std::size_t count = decode_last(text.substr(at), last);
    if (count == 0) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) out[written + i] = last[i];
    return written + count;
}

bool is_byte_sequence(std::string_view text) {
    const std::size_t padding = padding_of(text);
    const std::string_view digits = text.substr(0, text.size() - padding);
    const std::size_t left = digits.size() % 4;
    if (left == 1 || digits.find('=') != std::string_view::npos) return false;
    if (padding != 0 && left + padding != 4) return false;
    const std::uint32_t unused = left == 0 ? 0x00 : left == 2 ? 0x0f : 0x03;
    return digits.empty() || (value_of(digits.back()) & unused) == 0;
}

std::optional<std::size_t> decode_byte_sequence(std::string_view text,
                                                std::span<std::uint8_t> out) {
    if (!is_byte_sequence(text)) return std::nullopt;
    const std::string_view digits = text.substr(0, text.size() - padding_of(text));
    const std::string_view tail = digits.substr(digits.size() / 4 * 4);
    const auto whole = decode_base64(digits.substr(0, digits.size() - tail.size()), out);
    if (!whole || tail.empty()) return whole;
    const std::uint32_t a = value_of(tail[0]);
    const std::uint32_t b = value_of(tail[1]);
    const std::uint32_t c = tail.size() == 3 ? value_of(tail[2]) : 0;
    const std::size_t bytes = tail.size() - 1;
    if (((a | b | c) & kBad) != 0 || out.size() - *whole < bytes) return std::nullopt;
    out[*whole] = static_cast<std::uint8_t>(a << 2 | b >> 4);
    if (bytes == 2) out[*whole + 1] = static_cast<std::uint8_t>((b << 4 | c >> 2) & 0xff);
    return *whole + bytes;
}

std::size_t encode_base64(std::span<const std::uint8_t> bytes, std::span<char> out) {
    const std::size_t size = base64_size(bytes.size());
    if (out.size() < size) return 0;
    std::size_t to = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t left = bytes.size() - at;
        std::uint32_t word = static_cast<std::uint32_t>(bytes[at]) << 16;
        if (left > 1) word |= static_cast<std::uint32_t>(bytes[at + 1]) << 8;
        if (left > 2) word |= bytes[at + 2];
        out[to] = kAlphabet[word >> 18];
        out[to + 1] = kAlphabet[word >> 12 & 0x3f];
        out[to + 2] = left > 1 ? kAlphabet[word >> 6 & 0x3f] : '=';
        out[to + 3] = left > 2 ? kAlphabet[word & 0x3f] : '=';
        to += 4;
    }
    return size;
}

std::string encode_base64(std::span<const std::uint8_t> bytes) {
    std::string text(base64_size(bytes.size()), '\0');
    encode_base64(bytes, std::span<char>(text.data(), text.size()));
    return text;
}

}  // namespace kwikgate::auth
