#include "gateway/http/json_escape.hpp"

#include <cstddef>

namespace kwikgate::gateway::http {
namespace {

bool is_continuation(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
}

/// Length of the well-formed UTF-8 sequence at `at` (RFC 3629, 4), or 0.
std::size_t utf8_sequence(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        length = 3;
        if (lead == 0xe0) low = 0xa0;   // Not overlong.
        if (lead == 0xed) high = 0x9f;  // Not a surrogate.
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        if (lead == 0xf0) low = 0x90;
        if (lead == 0xf4) high = 0x8f;
    } else {
        return 0;
    }
    if (!is_continuation(text, at + 1)) return 0;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (second < low || second > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (!is_continuation(text, at + i)) return 0;
    return length;
}

void append_control(std::string& out, unsigned char byte) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (byte) {
        case '\n':
            out.append("\\n");
            return;
        case '\r':
            out.append("\\r");
            return;
        case '\t':
            out.append("\\t");
            return;
        default:
            break;
    }
    out.append("\\u00");
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 0xfU]);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == '"' || byte == '\\') {
            out.push_back('\\');
            out.push_back(text[i]);
        } else if (byte < 0x20 || byte == 0x7f) {
            append_control(out, byte);
        } else if (byte < 0x80) {
            out.push_back(text[i]);
        } else if (const std::size_t length = utf8_sequence(text, i); length != 0) {
            out.append(text.substr(i, length));
            i += length - 1;
        } else {
            out.append("\\ufffd");
        }
    }
    out.push_back('"');
}

}  // namespace kwikgate::gateway::http
