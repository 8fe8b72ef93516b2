#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "gateway/config/json_document.hpp"
#include "gateway/config/keys.hpp"
#include "gateway/config/load.hpp"

/// Holds the parser, configs/full.json, configs/schema.json and docs/configuration.md to one
/// another: the same keys, types, ranges and defaults in each.
namespace kwikgate::gateway {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kConfigs = KWIKGATE_SOURCE_DIR "/configs/";
const std::string kManual = KWIKGATE_SOURCE_DIR "/docs/configuration.md";

std::string read_text_file(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_FALSE(text.str().empty()) << file;
    return text.str();
}

JsonDocument read_json(const std::string& file) {
    JsonDocument document(read_text_file(file));
    for (const JsonFault& fault : document.faults()) ADD_FAILURE() << file << ": " << fault.message;
    return document;
}

/// A value as compact JSON: comparable, and equal to what the manual writes.
std::string dump(const JsonValue& value) {
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

bool is_container(const ConfigKey& key) {
    return key.type == "object" || key.type == "object of objects" || key.type == "list of objects";
}

std::map<std::string, ConfigKey> parser_keys() {
    std::map<std::string, ConfigKey> keys;
    for (const ConfigKey& key : config_keys()) EXPECT_TRUE(keys.emplace(key.path, key).second);
    return keys;
}

/// Every key of full.json, named as the parser names it, with its value.
void collect(const JsonValue& object, const std::string& prefix,
             const std::map<std::string, ConfigKey>& known,
             std::map<std::string, const JsonValue*>& out) {
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

struct ManualRow {
    std::string type;
    std::string fallback;
    std::string bounds;
};

std::map<std::string, ManualRow> manual_rows() {
    std::map<std::string, ManualRow> rows;
    std::istringstream text(read_text_file(kManual));
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
const JsonValue& resolve(const JsonValue& root, const JsonValue& schema) {
    const JsonValue* reference = schema.find("$ref");
    if (reference == nullptr) return schema;
    const std::string name = reference->text.substr(std::string("#/$defs/").size());
    const JsonValue* found = root.find("$defs")->find(name);
    EXPECT_NE(found, nullptr) << reference->text;
    return *found;
}

struct SchemaKey {
    const JsonValue* schema;
    bool is_required;
};

void collect_schema(const JsonValue& root, const JsonValue& object, const std::string& prefix,
                    std::map<std::string, SchemaKey>& out) {
    const JsonValue* additional = object.find("additionalProperties");
    ASSERT_NE(additional, nullptr) << prefix;
    ASSERT_EQ(dump(*additional), "false") << prefix << " lets unknown keys pass";
    std::set<std::string> required;
    if (const JsonValue* list = object.find("required"))
        for (const JsonValue& item : list->items) required.insert(item.text);
    for (const JsonMember& member : object.find("properties")->members) {
        const std::string path = prefix + member.name;
        out[path] = {&member.value, required.contains(member.name)};
        const JsonValue* inner = member.value.find("additionalProperties");
        if (inner != nullptr && inner->kind == JsonKind::object)
            collect_schema(root, resolve(root, *inner), path + ".*.", out);
        else if (member.value.find("properties") != nullptr)
            collect_schema(root, member.value, path + ".", out);
        const JsonValue* items = member.value.find("items");
        if (items != nullptr && resolve(root, *items).find("properties") != nullptr)
            collect_schema(root, resolve(root, *items), path + "[].", out);
    }
}

template <class Map>
std::set<std::string> names_of(const Map& map) {
    std::set<std::string> names;
    for (const auto& entry : map) names.insert(entry.first);
    return names;
}

TEST(ConfigFiles, FullJsonNamesEveryKeyOfTheParser) {
    const JsonDocument full = read_json(kConfigs + "full.json");
    const auto known = parser_keys();
    std::map<std::string, const JsonValue*> values;
    collect(*full.root(), "", known, values);
    EXPECT_EQ(names_of(values), names_of(known));
}

TEST(ConfigFiles, FullJsonIsTheDefaults) {
    const LoadedConfig full = load_config(kConfigs + "full.json");
    for (const ConfigProblem& problem : full.problems) ADD_FAILURE() << problem.to_string();
    // What is required, and the two keys of a route whose default is another key's value.
    const LoadedConfig least = load_config(kConfigs + "full.json", [](const auto&) {
        return boost::system::result<std::string>(R"({
            "listeners": [{}],
            "upstreams": {"kwik": {"servers": ["http://127.0.0.1:9000"]}},
            "environments": {"live": "kwik"},
            "routes": [{"method": "GET", "path": "/2.0/lookups", "body": "1MiB",
                        "response_timeout": "1m"}]})");
    });
    for (const ConfigProblem& problem : least.problems) ADD_FAILURE() << problem.to_string();
    EXPECT_TRUE(full.config == least.config);
    EXPECT_EQ(full.config.routes.at(0).body_bytes, full.config.limits.body_bytes);
    EXPECT_EQ(full.config.routes.at(0).response_timeout,
              full.config.upstreams.at(0).response_timeout);
}

TEST(ConfigFiles, TheManualHasEveryKeyWithItsTypeRangeAndDefault) {
    const JsonDocument full = read_json(kConfigs + "full.json");
    const auto known = parser_keys();
    std::map<std::string, const JsonValue*> values;
    collect(*full.root(), "", known, values);
    const auto rows = manual_rows();
    EXPECT_EQ(names_of(rows), names_of(known));
    for (const auto& [path, row] : rows) {
        SCOPED_TRACE(path);
        const auto key = known.find(path);
        if (key == known.end()) continue;
        EXPECT_EQ(row.type, key->second.type);
        EXPECT_EQ(row.bounds, key->second.bounds);
        EXPECT_EQ(row.fallback == "required", key->second.is_required);
        if (row.fallback.front() == '`' && row.fallback != "`limits.body`" &&
            !is_container(key->second)) {
            EXPECT_EQ(row.fallback, "`" + dump(*values.at(path)) + "`");
        }
    }
}

TEST(ConfigFiles, TheSchemaHasEveryKeyWithItsTypeRangeAndDefault) {
    const JsonDocument schema = read_json(kConfigs + "schema.json");
    std::map<std::string, SchemaKey> keys;
    collect_schema(*schema.root(), *schema.root(), "", keys);
    const auto known = parser_keys();
    const auto rows = manual_rows();
    EXPECT_EQ(names_of(keys), names_of(known));
    for (const auto& [path, key] : keys) {
        SCOPED_TRACE(path);
        if (!known.contains(path)) continue;
        const ConfigKey& expected = known.at(path);
        EXPECT_EQ(key.is_required, expected.is_required);
        const std::string& fallback = rows.at(path).fallback;
        const JsonValue* given = key.schema->find("default");
        const bool has_default = fallback.front() == '`' && fallback != "`limits.body`";
        EXPECT_EQ(given == nullptr ? "none" : "`" + dump(*given) + "`",
                  has_default ? fallback : "none");
        if (expected.type == "integer") {
            EXPECT_EQ(
                dump(*key.schema->find("minimum")) + " to " + dump(*key.schema->find("maximum")),
                expected.bounds);
        }
        if (const JsonValue* names = key.schema->find("enum")) {
            std::string list;
            for (const JsonValue& name : names->items)
                list += (list.empty() ? "" : ", ") + name.text;
            EXPECT_EQ(list, expected.bounds);
        }
        const JsonValue* reference = key.schema->find("$ref");
        if (expected.type == "duration" || expected.type == "size") {
            ASSERT_NE(reference, nullptr);
            EXPECT_EQ(reference->text, "#/$defs/" + std::string(expected.type));
        }
    }
}

/// As much of JSON Schema 2020-12 as schema.json uses. An unknown keyword is a failure: it would
/// hold nothing.
class SchemaCheck {
  public:
    explicit SchemaCheck(const JsonValue& root) : root_(root) {}

    std::vector<std::string> run(const JsonValue& schema, const JsonValue& value) {
        errors_.clear();
        check(schema, value, "");
        return errors_;
    }

  private:
    void expect(bool holds, const std::string& at, const std::string& what) {
        if (!holds) errors_.push_back(at + ": " + what);
    }

    static bool is_type(std::string_view type, JsonKind kind) {
        return (type == "object" && kind == JsonKind::object) ||
               (type == "array" && kind == JsonKind::array) ||
               (type == "string" && kind == JsonKind::string) ||
               (type == "integer" && kind == JsonKind::integer) ||
               (type == "boolean" && kind == JsonKind::boolean);
    }

    void check(const JsonValue& schema, const JsonValue& value, const std::string& at) {
        for (const JsonMember& keyword : schema.members)
            check_keyword(schema, keyword.name, keyword.value, value, at);
    }

    void check_keyword(const JsonValue& schema, const std::string& name, const JsonValue& operand,
                       const JsonValue& value, const std::string& at) {
        const auto count = static_cast<std::int64_t>(
            value.kind == JsonKind::object ? value.members.size() : value.items.size());
        if (name == "$ref") {
            check(resolve(root_, schema), value, at);
        } else if (name == "type") {
            expect(is_type(operand.text, value.kind), at, "is not of type " + operand.text);
        } else if (name == "enum") {
            const auto is_it = [&](const JsonValue& item) { return dump(item) == dump(value); };
            expect(std::any_of(operand.items.begin(), operand.items.end(), is_it), at, "enum");
        } else if (name == "pattern") {
            expect(std::regex_search(value.text, std::regex(operand.text)), at, "pattern");
        } else if (name == "minimum") {
            expect(value.integer >= operand.integer, at, name);
        } else if (name == "maximum") {
            expect(value.integer <= operand.integer, at, name);
        } else if (name == "minLength") {
            expect(value.text.size() >= static_cast<std::size_t>(operand.integer), at, name);
        } else if (name == "minItems" || name == "minProperties") {
            expect(count >= operand.integer, at, name);
        } else if (name == "maxItems" || name == "maxProperties") {
            expect(count <= operand.integer, at, name);
        } else if (name == "uniqueItems") {
            std::set<std::string> seen;
            for (const JsonValue& item : value.items)
                expect(seen.insert(dump(item)).second, at, name);
        } else if (name == "items") {
            for (const JsonValue& item : value.items) check(operand, item, at + "[]");
        } else if (name == "required") {
            for (const JsonValue& item : operand.items)
                expect(value.find(item.text) != nullptr, at, "lacks " + item.text);
        } else if (name == "properties") {
            for (const JsonMember& member : value.members)
                if (const JsonValue* inner = operand.find(member.name))
                    check(*inner, member.value, at + "." + member.name);
        } else if (name == "additionalProperties") {
            check_additional(schema, operand, value, at);
        } else if (name == "propertyNames") {
            for (const JsonMember& member : value.members) {
                JsonValue text;
                text.kind = JsonKind::string;
                text.text = member.name;
                check(operand, text, at + "." + member.name);
            }
        } else if (name == "anyOf") {
            const auto holds = [&](const JsonValue& choice) {
                return SchemaCheck(root_).run(choice, value).empty();
            };
            expect(std::any_of(operand.items.begin(), operand.items.end(), holds), at, name);
        } else {
            const std::set<std::string> silent = {"$schema", "$defs", "title", "description",
                                                  "default"};
            expect(silent.contains(name), at, "the schema uses " + name);
        }
    }

    void check_additional(const JsonValue& schema, const JsonValue& operand, const JsonValue& value,
                          const std::string& at) {
        const JsonValue* properties = schema.find("properties");
        for (const JsonMember& member : value.members) {
            if (properties != nullptr && properties->find(member.name) != nullptr) continue;
            if (operand.kind == JsonKind::boolean)
                expect(operand.boolean, at, "unknown key " + member.name);
            else
                check(operand, member.value, at + "." + member.name);
        }
    }

    const JsonValue& root_;
    std::vector<std::string> errors_;
};

std::string manual_example() {
    const std::string manual = read_text_file(kManual);
    const std::size_t begin = manual.find("```json\n");
    const std::size_t end = manual.find("```", begin + 3);
    EXPECT_NE(end, std::string::npos);
    return manual.substr(begin + 8, end - begin - 8);
}

TEST(ConfigFiles, TheExamplesFitTheSchema) {
    const JsonDocument schema = read_json(kConfigs + "schema.json");
    SchemaCheck check(*schema.root());
    for (const char* name : {"minimal.json", "full.json", "kwik.json"}) {
        const JsonDocument document = read_json(kConfigs + name);
        EXPECT_THAT(check.run(*schema.root(), *document.root()), IsEmpty()) << name;
    }
    const JsonDocument routes = read_json(kConfigs + "kwik.routes.json");
    const JsonValue& routes_file = *schema.root()->find("$defs")->find("routes_file");
    EXPECT_THAT(check.run(routes_file, *routes.root()), IsEmpty());
    const JsonDocument example(manual_example());
    ASSERT_NE(example.root(), nullptr);
    EXPECT_THAT(check.run(*schema.root(), *example.root()), IsEmpty());
}

TEST(ConfigFiles, TheSchemaRefusesWhatTheParserRefuses) {
    const JsonDocument schema = read_json(kConfigs + "schema.json");
    SchemaCheck check(*schema.root());
    const std::string full = read_text_file(kConfigs + "full.json");
    const std::pair<std::string, std::string> changes[] = {
        {"\"workers\": 0", "\"workers\": 2000"},
        {"\"workers\": 0", "\"workers\": \"0\""},
        {"\"workers\": 0", "\"workerz\": 0"},
        {"\"drain\": \"30s\"", "\"drain\": \"30\""},
        {"\"body\": \"1MiB\"", "\"body\": \"1MB\""},
        {"\"scheme\": \"http\"", "\"scheme\": \"ws\""},
        {"\"method\": \"GET\"", "\"method\": \"TRACE\""},
        {"\"live\": \"kwik\"", "\"live\": \"\""},
        {"[\"http://127.0.0.1:9000\"]", "[]"},
        {"[\"http://127.0.0.1:9000\"]", "[\"http://127.0.0.1\"]"},
        {"\"enabled\": true", "\"enabled\": 1"},
        {"\"inferred\": false", "\"infered\": false"},
        {"\"kwik\": {", "\"kw ik\": {"},
    };
    for (const auto& [piece, replacement] : changes) {
        SCOPED_TRACE(replacement);
        std::string text = full;
        ASSERT_NE(text.find(piece), std::string::npos);
        text.replace(text.find(piece), piece.size(), replacement);
        const JsonDocument document(text);
        ASSERT_NE(document.root(), nullptr);
        EXPECT_FALSE(check.run(*schema.root(), *document.root()).empty());
        const auto read = [&](const auto&) { return boost::system::result<std::string>(text); };
        EXPECT_FALSE(load_config("full.json", read).ok());
    }
}

TEST(ConfigFiles, TheExamplesLoad) {
    ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/kwikgate", 1);
    for (const char* name : {"minimal.json", "full.json", "kwik.json"})
        for (const ConfigProblem& problem : load_config(kConfigs + name).problems)
            ADD_FAILURE() << problem.to_string();
    ::unsetenv("CREDENTIALS_DIRECTORY");
    const std::string example = manual_example();
    const LoadedConfig loaded = load_config(
        "example.json", [&](const auto&) { return boost::system::result<std::string>(example); });
    for (const ConfigProblem& problem : loaded.problems) ADD_FAILURE() << problem.to_string();
}

/// full.json with the scalar at `value` replaced.
std::string with_scalar(const std::string& full, const JsonValue& value, const std::string& text) {
    std::size_t end = value.offset;
    if (value.kind == JsonKind::string)
        end = full.find('"', end + 1) + 1;
    else
        end = full.find_first_of(",\n}]", end);
    return full.substr(0, value.offset) + text + full.substr(end);
}

std::vector<std::string> problems_of_text(const std::string& text) {
    std::vector<std::string> lines;
    const auto read = [&](const auto&) { return boost::system::result<std::string>(text); };
    for (const ConfigProblem& problem : load_config("full.json", read).problems)
        lines.push_back(problem.pointer + ": " + problem.message);
    return lines;
}

std::string pointer_of(const std::string& path) {
    std::string pointer = "/" + path;
    for (const auto& [from, to] :
         {std::pair<std::string, std::string>("[].", "/0/"), {".*.", "/kwik/"}, {".", "/"}}) {
        for (std::size_t at; (at = pointer.find(from)) != std::string::npos;)
            pointer.replace(at, from.size(), to);
    }
    return pointer;
}

/// "10ms" one less is "9ms", "1h" one more is "3600001ms"; sizes and integers alike.
std::string step(const std::string& bound, std::int64_t by) {
    const std::map<std::string, std::pair<std::int64_t, std::string>> units = {
        {"ms", {1, "ms"}},         {"s", {1000, "ms"}},       {"m", {60'000, "ms"}},
        {"h", {3'600'000, "ms"}},  {"B", {1, "B"}},           {"KiB", {1LL << 10, "B"}},
        {"MiB", {1LL << 20, "B"}}, {"GiB", {1LL << 30, "B"}}, {"TiB", {1LL << 40, "B"}},
    };
    std::size_t digits = 0;
    const std::int64_t number = std::stoll(bound, &digits);
    const std::string unit = bound.substr(digits);
    if (unit.empty()) return std::to_string(number + by);
    const auto& [factor, name] = units.at(unit);
    return "\"" + std::to_string(number * factor + by) + name + "\"";
}

TEST(ConfigFiles, EveryRangeIsHeldAtBothEnds) {
    const std::string full = read_text_file(kConfigs + "full.json");
    const JsonDocument document(full);
    const auto known = parser_keys();
    std::map<std::string, const JsonValue*> values;
    collect(*document.root(), "", known, values);
    int tried = 0;
    for (const auto& [path, key] : known) {
        if (key.type != "duration" && key.type != "size" && key.type != "integer") continue;
        SCOPED_TRACE(path);
        const std::size_t to = key.bounds.find(" to ");
        ASSERT_NE(to, std::string::npos);
        const std::string least = key.bounds.substr(0, to);
        const std::string most = key.bounds.substr(to + 4);
        const std::string refusal = pointer_of(path) + ": is out of range: " + key.bounds;
        const JsonValue& value = *values.at(path);
        const auto problems = [&](const std::string& scalar) {
            return problems_of_text(with_scalar(full, value, scalar));
        };
        // A limit at its end may contradict another limit: that is not the range's business.
        for (const std::string& end : {step(least, 0), step(most, 0)})
            for (const std::string& line : problems(end))
                EXPECT_EQ(line.find("range"), std::string::npos) << end << " " << line;
        EXPECT_THAT(problems(step(most, 1)), Contains(refusal));
        if (least.front() != '0') {
            EXPECT_THAT(problems(step(least, -1)), Contains(refusal));
        }
        ++tried;
    }
    EXPECT_GE(tried, 40);
}

TEST(ConfigFiles, NoKeyTakesAnotherType) {
    const std::string full = read_text_file(kConfigs + "full.json");
    const JsonDocument document(full);
    const auto known = parser_keys();
    std::map<std::string, const JsonValue*> values;
    collect(*document.root(), "", known, values);
    for (const auto& [path, key] : known) {
        if (is_container(key) || values.at(path)->kind == JsonKind::array) continue;
        SCOPED_TRACE(path);
        for (const char* wrong : {"null", "{}", "[]", "1.5"}) {
            EXPECT_THAT(problems_of_text(with_scalar(full, *values.at(path), wrong)),
                        Contains(HasSubstr(pointer_of(path) + ": must be ")))
                << wrong;
        }
    }
}

}  // namespace
}  // namespace kwikgate::gateway
