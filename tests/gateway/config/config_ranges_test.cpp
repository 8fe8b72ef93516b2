#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/config/config_documents.hpp"
#include "tests/gateway/config/loading.hpp"

/// Every key is held to its range and its type, by changing one value of configs/full.json at a
/// time.
namespace kwikgate::gateway {
namespace {

using testing::Contains;
using testing::HasSubstr;

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
    for (const ConfigProblem& problem : load_text(text).problems)
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
    const std::string full = read_config("full.json");
    const JsonDocument document(full);
    const auto known = parser_keys();
    const ValuesByKey values = values_of(document, known);
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
    const std::string full = read_config("full.json");
    const JsonDocument document(full);
    const auto known = parser_keys();
    const ValuesByKey values = values_of(document, known);
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
