#include "gateway/http/json_escape.hpp"

#include <cstddef>

#include "auth/ascii.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::gateway::http {
namespace {

void append_control(std::string& out, unsigned char byte) {
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
    out.push_back(auth::kLowerHex[byte >> 4U]);
    out.push_back(auth::kLowerHex[byte & 0xfU]);
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
        } else if (const auto c = auth::first_character(text.substr(i)); c.is_valid()) {
            out.append(text.substr(i, c.bytes));
            i += c.bytes - 1;
        } else {
            out.append("\\ufffd");
        }
    }
    out.push_back('"');
}

}  // namespace kwikgate::gateway::http
