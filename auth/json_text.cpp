#include "auth/json_text.hpp"

#include "auth/ascii.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::auth {
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
    out.push_back(kLowerHex[byte >> 4U]);
    out.push_back(kLowerHex[byte & 0xfU]);
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
        } else if (const auto c = first_character(text.substr(i)); c.is_valid()) {
            out.append(text.substr(i, c.bytes));
            i += c.bytes - 1;
        } else {
            out.append("\\ufffd");
        }
    }
    out.push_back('"');
}

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

JsonArray& JsonArray::add(std::string_view json) {
    if (!is_empty()) out_ += ',';
    out_ += json;
    return *this;
}

std::string json_array(const std::vector<std::string>& values) {
    return json_array(values, json_string);
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
    if (out_.size() > 1) out_ += ',';
    append_json_string(out_, key);
    out_ += ':';
    out_ += json;
    return *this;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
    return raw(key, json_string(value));
}

JsonObject& JsonObject::text_or_null(std::string_view key, std::string_view value) {
    return value.empty() ? null(key) : text(key, value);
}

JsonObject& JsonObject::number(std::string_view key, std::uint64_t value) {
    return raw(key, std::to_string(value));
}

JsonObject& JsonObject::boolean(std::string_view key, bool value) {
    return raw(key, value ? "true" : "false");
}

JsonObject& JsonObject::null(std::string_view key) {
    return raw(key, "null");
}

JsonObject& JsonObject::texts(std::string_view key, const std::vector<std::string>& values) {
    return raw(key, json_array(values));
}

}  // namespace kwikgate::auth
