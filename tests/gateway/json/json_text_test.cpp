#include "gateway/json/json_text.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

namespace kwikgate::gateway {
namespace {

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

TEST(JsonTextTest, KeepsTheOrderOfMembers) {
    EXPECT_EQ(JsonObject()
                  .text("b", "x")
                  .number("a", 7)
                  .boolean("c", true)
                  .null("d")
                  .texts("e", {"1", "2"})
                  .raw("f", "{}")
                  .to_string(),
              R"({"b":"x","a":7,"c":true,"d":null,"e":["1","2"],"f":{}})");
    EXPECT_EQ(JsonObject().to_string(), "{}");
}

}  // namespace
}  // namespace kwikgate::gateway
