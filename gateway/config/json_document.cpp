#include "gateway/config/json_document.hpp"

#include <simdjson.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "gateway/config/json_scan.hpp"

namespace kwikgate::gateway {
namespace {

/// Copies the values of a judged document into the tree that the scan made of the same text. False
/// when the two do not have the same structure: then one of them is wrong, and the text is refused.
bool fill(JsonValue& value, const simdjson::dom::element& element) {
    using Type = simdjson::dom::element_type;
    const Type type = element.type();
    switch (value.kind) {
        case JsonKind::null:
            return type == Type::NULL_VALUE;
        case JsonKind::boolean:
            return element.get(value.boolean) == simdjson::SUCCESS;
        case JsonKind::real:
            return type == Type::DOUBLE;
        case JsonKind::integer:
            if (type == Type::UINT64) value.integer = std::numeric_limits<std::int64_t>::max();
            return type == Type::UINT64 || element.get(value.integer) == simdjson::SUCCESS;
        case JsonKind::string: {
            std::string_view text;
            if (element.get(text) != simdjson::SUCCESS) return false;
            value.text = text;
            return true;
        }
        case JsonKind::array: {
            if (type != Type::ARRAY) return false;
            std::size_t i = 0;
            for (const simdjson::dom::element child : simdjson::dom::array(element))
                if (i == value.items.size() || !fill(value.items[i++], child)) return false;
            return i == value.items.size();
        }
        case JsonKind::object: {
            if (type != Type::OBJECT) return false;
            std::size_t i = 0;
            for (const simdjson::dom::key_value_pair child : simdjson::dom::object(element)) {
                if (i == value.members.size()) return false;
                JsonMember& member = value.members[i++];
                member.name = child.key;
                if (!fill(member.value, child.value)) return false;
            }
            return i == value.members.size();
        }
    }
    return false;
}

}  // namespace

std::string_view with_article(JsonKind kind) {
    switch (kind) {
        case JsonKind::null:
            return "null";
        case JsonKind::boolean:
            return "true or false";
        case JsonKind::integer:
            return "an integer";
        case JsonKind::real:
            return "a number with a fraction or an exponent";
        case JsonKind::string:
            return "a string";
        case JsonKind::array:
            return "an array";
        case JsonKind::object:
            return "an object";
    }
    return "something else";
}

const JsonValue* JsonValue::find(std::string_view name) const {
    for (const JsonMember& member : members)
        if (member.name == name) return &member.value;
    return nullptr;
}

std::string extend_pointer(const std::string& pointer, std::string_view token) {
    std::string extended = pointer + '/';
    for (const char c : token) {
        if (c == '~')
            extended += "~0";
        else if (c == '/')
            extended += "~1";
        else
            extended += c;
    }
    return extended;
}

std::string quote(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    std::string quoted = "\"";
    for (const char c : text.substr(0, kLongest)) {
        const auto byte = static_cast<unsigned char>(c);
        quoted += byte < 0x20 || byte > 0x7e || c == '"' ? '?' : c;
    }
    return quoted + (text.size() > kLongest ? "…\"" : "\"");
}

JsonDocument::JsonDocument(std::string text) : text_(std::move(text)) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text_.size(); ++i)
        if (text_[i] == '\n') line_starts_.push_back(i + 1);
    parse();
    if (is_json_) find_duplicates(root_, "");
}

void JsonDocument::parse() {
    if (text_.size() > kMaxJsonBytes) {
        faults_.push_back({0, "", "the file is larger than 16 MiB", ""});
        return;
    }
    if (text_.starts_with("\xef\xbb\xbf")) {
        faults_.push_back(
            {0, "", "the file starts with a byte order mark", "save it as UTF-8 without one"});
        return;
    }
    const std::size_t invalid = find_invalid_utf8(text_);
    if (invalid != text_.size()) {
        faults_.push_back({invalid, "", "a byte that is not UTF-8", "save the file as UTF-8"});
        return;
    }
    JsonScan scan(text_);
    if (!scan.run(root_)) {
        faults_.push_back(scan.fault());
        return;
    }
    simdjson::dom::parser parser(kMaxJsonBytes);
    simdjson::dom::element element;
    const simdjson::error_code error = parser.parse(text_).get(element);
    is_json_ = error == simdjson::SUCCESS && fill(root_, element);
    if (!is_json_) faults_.push_back({root_.offset, "", "the file is not valid JSON", ""});
}

void JsonDocument::find_duplicates(const JsonValue& value, const std::string& pointer) {
    std::unordered_map<std::string_view, std::size_t> seen;
    for (const JsonMember& member : value.members) {
        const std::string inner = extend_pointer(pointer, member.name);
        const auto [first, is_new] = seen.try_emplace(member.name, member.offset);
        if (!is_new) {
            faults_.push_back({member.offset, inner,
                               quote(member.name) + " stands twice in one object",
                               "first in line " + std::to_string(locate(first->second).line)});
        }
        find_duplicates(member.value, inner);
    }
    for (std::size_t i = 0; i < value.items.size(); ++i)
        find_duplicates(value.items[i], extend_pointer(pointer, std::to_string(i)));
}

TextLocation JsonDocument::locate(std::size_t offset) const {
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const auto line = static_cast<std::size_t>(after - line_starts_.begin());
    return {line, offset - line_starts_[line - 1] + 1};
}

}  // namespace kwikgate::gateway
