#include "gateway/config/json_document.hpp"

#include <gtest/gtest.h>

#include "gateway/config/json_scan.hpp"

namespace kwikgate::gateway {
namespace {

TEST(JsonDocument, KnowsWhereEveryValueAndNameStands) {
    const JsonDocument document(
        "{\n  \"a\": [1, -2, 1.5],\n  \"b/~\": {\"x\": \"\\u00e9\\n\"}\n}\n");
    ASSERT_TRUE(document.faults().empty());
    const JsonValue& root = *document.root();
    ASSERT_EQ(root.members.size(), 2U);
    const auto at = [&](std::size_t offset) {
        const TextLocation location = document.locate(offset);
        return std::to_string(location.line) + ":" + std::to_string(location.column);
    };
    EXPECT_EQ(at(root.offset), "1:1");
    EXPECT_EQ(at(root.members[0].offset), "2:3");
    EXPECT_EQ(at(root.members[0].value.items[1].offset), "2:12");
    EXPECT_EQ(root.members[0].value.items[1].integer, -2);
    EXPECT_EQ(root.members[0].value.items[2].kind, JsonKind::real);
    EXPECT_EQ(at(root.members[1].offset), "3:3");
    EXPECT_EQ(root.members[1].value.find("x")->text, "\xc3\xa9\n");
    EXPECT_EQ(at(root.members[1].value.find("x")->offset), "3:16");
    EXPECT_EQ(root.find("none"), nullptr);
}

TEST(JsonDocument, TellsIntegersFromOtherNumbers) {
    const std::pair<const char*, JsonKind> cases[] = {
        {"0", JsonKind::integer},
        {"-0", JsonKind::integer},
        {"9223372036854775807", JsonKind::integer},
        {"18446744073709551615", JsonKind::integer},
        {"1.0", JsonKind::real},
        {"1e3", JsonKind::real},
        {"-2E-3", JsonKind::real},
    };
    for (const auto& [text, kind] : cases) {
        const JsonDocument document(text);
        ASSERT_NE(document.root(), nullptr) << text;
        EXPECT_EQ(document.root()->kind, kind) << text;
    }
    EXPECT_EQ(JsonDocument("18446744073709551615").root()->integer, INT64_MAX);
}

struct FaultCase {
    std::string text;
    std::size_t offset;
    std::string_view message;
};

TEST(JsonDocument, RefusesWhatIsNotStrictJsonAndSaysWhere) {
    const std::string deep(33, '[');
    const FaultCase cases[] = {
        {"", 0, "the file is empty"},
        {" \n", 2, "the file is empty"},
        {"{", 1, "a name between double quotes"},
        {"{\"a\"", 4, "':' should stand here"},
        {"{\"a\":", 5, "the text ends"},
        {"{\"a\":1", 6, "',' or '}'"},
        {"{\"a\":1,}", 7, "a name between double quotes"},
        {"[1,]", 3, "a value should stand here"},
        {"[1 2]", 3, "',' or ']'"},
        {"{a:1}", 1, "a name between double quotes"},
        {"{'a':1}", 1, "a name between double quotes"},
        {"['a']", 1, "a value should stand here"},
        {"[1] x", 4, "something follows"},
        {"{} {}", 3, "something follows"},
        {"// c\n1", 0, "a value should stand here"},
        {"[tru]", 1, "a value should stand here"},
        {"[truex]", 1, "a value should stand here"},
        {"[NaN]", 1, "a value should stand here"},
        {"[01]", 1, "leading zeros"},
        {"[-01]", 1, "leading zeros"},
        {"[+1]", 1, "a value should stand here"},
        {"[.5]", 1, "a value should stand here"},
        {"[1.]", 1, "digits behind its point"},
        {"[1e]", 1, "digits in its exponent"},
        {"[30s]", 1, "not a number"},
        {"[0x10]", 1, "not a number"},
        {"[1e999]", 1, "64 bits"},
        {"[18446744073709551616]", 1, "64 bits"},
        {"[-9223372036854775809]", 1, "64 bits"},
        {"\"a", 0, "no end"},
        {"\"a\nb\"", 2, "control character"},
        {std::string("\"a\0b\"", 5), 2, "control character"},
        {"\"\\x\"", 1, "no such escape"},
        {"\"\\u12g4\"", 1, "no such escape"},
        {"\"\\ud800\"", 1, "surrogate"},
        {"\"\\ud800\\u0041\"", 1, "surrogate"},
        {"\"\\udc00\"", 1, "surrogate"},
        {"\"\\", 1, "without end"},
        {"\"\xff\"", 1, "not UTF-8"},
        {"\"\xc0\xaf\"", 1, "not UTF-8"},
        {"\"\xed\xa0\x80\"", 1, "not UTF-8"},
        {"\"\xe2\x82", 1, "not UTF-8"},
        {"\xef\xbb\xbf{}", 0, "byte order mark"},
        {deep, 32, "nested more than 32 deep"},
    };
    for (const FaultCase& c : cases) {
        const JsonDocument document(c.text);
        SCOPED_TRACE(c.text);
        EXPECT_EQ(document.root(), nullptr);
        ASSERT_EQ(document.faults().size(), 1U);
        EXPECT_EQ(document.faults()[0].offset, c.offset) << document.faults()[0].message;
        EXPECT_NE(document.faults()[0].message.find(c.message), std::string::npos)
            << document.faults()[0].message;
    }
}

TEST(JsonDocument, AcceptsNestingUpToTheLimit) {
    const JsonDocument document(std::string(32, '[') + std::string(32, ']'));
    EXPECT_NE(document.root(), nullptr);
}

TEST(JsonDocument, RefusesTooManyBytesAndTooManyValues) {
    const JsonDocument large(std::string(kMaxJsonBytes + 1, ' '));
    ASSERT_EQ(large.faults().size(), 1U);
    EXPECT_NE(large.faults()[0].message.find("16 MiB"), std::string::npos);
    std::string many = "[0";
    for (std::size_t i = 0; i < kMaxJsonValues; ++i) many += ",0";
    const JsonDocument crowded(many + "]");
    ASSERT_EQ(crowded.faults().size(), 1U);
    EXPECT_NE(crowded.faults()[0].message.find("1,000,000 values"), std::string::npos);
}

TEST(JsonDocument, ReportsEveryDuplicateAndKeepsTheTree) {
    const JsonDocument document("{\"a\": 1,\n \"\\u0061\": 2, \"b\": [{\"c/\": 1, \"c/\": 2}]}");
    ASSERT_NE(document.root(), nullptr);
    ASSERT_EQ(document.faults().size(), 2U);
    EXPECT_EQ(document.faults()[0].pointer, "/a");
    EXPECT_EQ(document.locate(document.faults()[0].offset).line, 2U);
    EXPECT_EQ(document.faults()[0].hint, "first in line 1");
    EXPECT_EQ(document.faults()[1].pointer, "/b/0/c~1");
    EXPECT_EQ(document.root()->find("a")->integer, 1);
}

TEST(JsonDocument, EscapesPointersAndQuotes) {
    EXPECT_EQ(extend_pointer("/a", "b/c~d"), "/a/b~1c~0d");
    EXPECT_EQ(quote("a\"b\n\xc3\xa9"), "\"a?b???\"");
    EXPECT_EQ(quote(std::string(100, 'x')), "\"" + std::string(64, 'x') + "…\"");
}

TEST(FindInvalidUtf8, FindsTheFirstWrongByte) {
    EXPECT_EQ(find_invalid_utf8("plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), 17U);
    EXPECT_EQ(find_invalid_utf8("\xf4\x8f\xbf\xbf"), 4U);
    const std::pair<std::string_view, std::size_t> wrong[] = {
        {"a\x80", 1},
        {"\xc1\xbf", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"ab\xe2\x82", 2},
        {"\xe2\x82x", 0},
    };
    for (const auto& [text, offset] : wrong) EXPECT_EQ(find_invalid_utf8(text), offset);
}

}  // namespace
}  // namespace kwikgate::gateway
