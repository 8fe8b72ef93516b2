#include "auth/json_text.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <string_view>

namespace kwikgate::auth {
namespace {

using namespace std::string_view_literals;

TEST(JsonTextTest, WritesOnlyWellFormedStrings) {
    struct Row {
        std::string_view text;
        std::string_view json;
    };
    for (const Row& row : {
             Row{"", "\"\""},
             {"a b", "\"a b\""},
             {"\"\\/", "\"\\\"\\\\/\""},
             {"\n\r\t", "\"\\n\\r\\t\""},
             {"\0\x1f\x7f"sv, "\"\\u0000\\u001f\\u007f\""},
             {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
             {"\xff", "\"\\ufffd\""},                                   // Never a lead byte.
             {"a\xc3", "\"a\\ufffd\""},                                 // Cut short.
             {"\xe2\x82", "\"\\ufffd\\ufffd\""},                        // Cut short.
             {"\xc0\xaf", "\"\\ufffd\\ufffd\""},                        // Overlong.
             {"\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\""},             // Overlong.
             {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},             // Surrogate.
             {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},  // Above U+10FFFF.
             {"\x80x", "\"\\ufffdx\""},                                 // Continuation alone.
         }) {
        std::string out = "x";
        append_json_string(out, row.text);
        EXPECT_EQ(out, "x" + std::string{row.json});
    }
}

TEST(JsonTextTest, EscapesSoThatAParserGivesTheTextBack) {
    const std::string text = std::string("quote \" slash \\ tab \t nul ") + '\0' + " bell \x07 é";
    simdjson::dom::parser parser;
    std::string_view parsed;
    ASSERT_EQ(parser.parse(json_string(text)).get(parsed), simdjson::SUCCESS);
    EXPECT_EQ(parsed, text);
}

TEST(JsonTextTest, StaysJsonWhenTheTextIsNotUtf8) {
    simdjson::dom::parser parser;
    EXPECT_EQ(parser.parse(json_string("a\xff\xc3")).error(), simdjson::SUCCESS);
}

TEST(JsonTextTest, EscapesTheNameOfAMember) {
    EXPECT_EQ(JsonObject().text("a\"b", "c").to_string(), R"({"a\"b":"c"})");
}

TEST(JsonTextTest, WritesArraysOfWhatItIsGiven) {
    EXPECT_EQ(json_array(std::vector<std::string>{}), "[]");
    EXPECT_EQ(json_array({"a", "\""}), R"(["a","\""])");
    EXPECT_EQ(json_array(std::vector<int>{1, 2}, [](int n) { return std::to_string(n); }), "[1,2]");
    JsonArray array;
    EXPECT_TRUE(array.is_empty());
    EXPECT_EQ(array.add("{}").add("null").to_string(), "[{},null]");
    EXPECT_FALSE(array.is_empty());
}

TEST(JsonTextTest, KeepsTheOrderOfMembers) {
    EXPECT_EQ(JsonObject()
                  .text("b", "x")
                  .number("a", 7)
                  .boolean("c", true)
                  .null("d")
                  .texts("e", {"1", "2"})
                  .raw("f", "{}")
                  .text_or_null("g", "")
                  .number("h", 18446744073709551615ULL)
                  .to_string(),
              R"({"b":"x","a":7,"c":true,"d":null,"e":["1","2"],"f":{},)"
              R"("g":null,"h":18446744073709551615})");
    EXPECT_EQ(JsonObject().to_string(), "{}");
}

}  // namespace
}  // namespace kwikgate::auth
