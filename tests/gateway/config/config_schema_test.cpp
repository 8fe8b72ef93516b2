#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gateway/config/config_documents.hpp"
#include "tests/gateway/config/loading.hpp"

/// Holds configs/schema.json to the parser and the manual, and the examples to the schema.
namespace kwikgate::gateway {
namespace {

using testing::IsEmpty;

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

TEST(ConfigFiles, TheSchemaHasEveryKeyWithItsTypeRangeAndDefault) {
    const JsonDocument schema = read_json("schema.json");
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

TEST(ConfigFiles, TheExamplesFitTheSchema) {
    const JsonDocument schema = read_json("schema.json");
    SchemaCheck check(*schema.root());
    for (const char* name : {"minimal.json", "full.json", "kwik.json"}) {
        const JsonDocument document = read_json(name);
        EXPECT_THAT(check.run(*schema.root(), *document.root()), IsEmpty()) << name;
    }
    const JsonDocument routes = read_json("kwik.routes.json");
    const JsonValue& routes_file = *schema.root()->find("$defs")->find("routes_file");
    EXPECT_THAT(check.run(routes_file, *routes.root()), IsEmpty());
    const JsonDocument example(manual_example());
    ASSERT_NE(example.root(), nullptr);
    EXPECT_THAT(check.run(*schema.root(), *example.root()), IsEmpty());
}

TEST(ConfigFiles, TheSchemaRefusesWhatTheParserRefuses) {
    const JsonDocument schema = read_json("schema.json");
    SchemaCheck check(*schema.root());
    const std::string full = read_config("full.json");
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
        const std::string text = with(full, piece, replacement);
        const JsonDocument document(text);
        ASSERT_NE(document.root(), nullptr);
        EXPECT_FALSE(check.run(*schema.root(), *document.root()).empty());
        EXPECT_FALSE(load_text(text).ok());
    }
}

}  // namespace
}  // namespace kwikgate::gateway
