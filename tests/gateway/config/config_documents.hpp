#pragma once

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "gateway/config/json_document.hpp"
#include "gateway/config/keys.hpp"
#include "tests/support/files.hpp"
#include "tests/support/source_dir.hpp"

/// What the parser, configs/full.json, configs/schema.json and docs/configuration.md each say about
/// the keys, made comparable.
namespace kwikgate::gateway {

inline std::string config_path(const std::string& name) {
    return (tests::source_dir() / "configs" / name).string();
}

inline std::string read_config(const std::string& name) {
    return tests::read_source("configs/" + name);
}

inline std::string read_manual() {
    return tests::read_source("docs/configuration.md");
}

inline JsonDocument read_json(const std::string& name) {
    JsonDocument document(read_config(name));
    for (const JsonFault& fault : document.faults()) ADD_FAILURE() << name << ": " << fault.message;
    return document;
}

/// A value as compact JSON: comparable, and equal to what the manual writes.
inline std::string dump(const JsonValue& value) {
    std::string text;
    switch (value.kind) {
        case JsonKind::null:
            return "null";
        case JsonKind::boolean:
            return value.boolean ? "true" : "false";
        case JsonKind::integer:
            return std::to_string(value.integer);
        case JsonKind::real:
            return "real";
        case JsonKind::string:
            return "\"" + value.text + "\"";
        case JsonKind::array:
            for (const JsonValue& item : value.items)
                text += (text.empty() ? "" : ", ") + dump(item);
            return "[" + text + "]";
        case JsonKind::object:
            for (const JsonMember& member : value.members)
                text +=
                    (text.empty() ? "" : ", ") + ("\"" + member.name + "\": ") + dump(member.value);
            return "{" + text + "}";
    }
    return text;
}

inline bool is_container(const ConfigKey& key) {
    return key.type == "object" || key.type == "object of objects" || key.type == "list of objects";
}

inline std::map<std::string, ConfigKey> parser_keys() {
    std::map<std::string, ConfigKey> keys;
    for (const ConfigKey& key : config_keys()) EXPECT_TRUE(keys.emplace(key.path, key).second);
    return keys;
}

/// Value of every key, named as the parser names it.
using ValuesByKey = std::map<std::string, const JsonValue*>;

inline void collect(const JsonValue& object, const std::string& prefix,
                    const std::map<std::string, ConfigKey>& known, ValuesByKey& out) {
    for (const JsonMember& member : object.members) {
        const std::string path = prefix + member.name;
        out[path] = &member.value;
        const auto key = known.find(path);
        if (key == known.end()) continue;
        if (key->second.type == "object") collect(member.value, path + ".", known, out);
        if (key->second.type == "object of objects")
            for (const JsonMember& inner : member.value.members)
                collect(inner.value, path + ".*.", known, out);
        if (key->second.type == "list of objects")
            for (const JsonValue& item : member.value.items)
                collect(item, path + "[].", known, out);
    }
}

/// Those that a configuration gives.
inline ValuesByKey values_of(const JsonDocument& document,
                             const std::map<std::string, ConfigKey>& known) {
    ValuesByKey values;
    collect(*document.root(), "", known, values);
    return values;
}

struct ManualRow {
    std::string type;
    std::string fallback;
    std::string bounds;
};

inline std::map<std::string, ManualRow> manual_rows() {
    std::map<std::string, ManualRow> rows;
    std::istringstream text(read_manual());
    const std::regex row(R"(\| `([^`]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*)\| [^|]+ \|)");
    for (std::string line; std::getline(text, line);) {
        std::smatch cells;
        if (!std::regex_match(line, cells, row)) continue;
        std::string bounds = cells[4];
        if (!bounds.empty() && bounds.back() == ' ') bounds.pop_back();
        EXPECT_TRUE(rows.emplace(cells[1], ManualRow{cells[2], cells[3], bounds}).second)
            << cells[1] << " stands twice in the manual";
    }
    return rows;
}

/// Follows "$ref" into "$defs".
inline const JsonValue& resolve(const JsonValue& root, const JsonValue& schema) {
    const JsonValue* reference = schema.find("$ref");
    if (reference == nullptr) return schema;
    const std::string name = reference->text.substr(std::string("#/$defs/").size());
    const JsonValue* found = root.find("$defs")->find(name);
    EXPECT_NE(found, nullptr) << reference->text;
    return *found;
}

template <class Map>
std::set<std::string> names_of(const Map& map) {
    std::set<std::string> names;
    for (const auto& entry : map) names.insert(entry.first);
    return names;
}

inline std::string manual_example() {
    const std::string manual = read_manual();
    const std::size_t begin = manual.find("```json\n");
    const std::size_t end = manual.find("```", begin + 3);
    EXPECT_NE(end, std::string::npos);
    return manual.substr(begin + 8, end - begin - 8);
}

}  // namespace kwikgate::gateway
