#include "gateway/json/fitting_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kwikgate::gateway {
namespace {

std::string read(std::string_view json, LoneSurrogates lone = LoneSurrogates::replace) {
    simdjson::dom::parser parser;
    simdjson::padded_string text(json);
    simdjson::dom::element found;
    const auto error = parse_fitting(parser, text, lone, found);
    return error == simdjson::SUCCESS ? simdjson::minify(found) : "refused";
}

TEST(FittingJson, LeavesAloneWhatFits) {
    for (const std::string_view json :
         {R"({"a":[1,-2,3.5,true,null,"é\n"]})", "18446744073709551615", "-9223372036854775808",
          R"("\ud83d\ude00 25000000000000000000")"})
        EXPECT_EQ(read(json), read(json, LoneSurrogates::refuse)) << json;
    EXPECT_EQ(read("[18446744073709551615,1.5]"), "[18446744073709551615,1.5]");
}

TEST(FittingJson, ReadsANumberThatDoesNotFitAsOneThatNoMemberTakes) {
    for (const std::string_view number : {"25000000000000000000", "18446744073709551616",
                                          "-9223372036854776000", "1e400", "-1e400", "1E+309"}) {
        EXPECT_EQ(read(number), "0.5") << number;
        EXPECT_EQ(
            read("{\"a\":[" + std::string(number) + " , 7],\"b\":\"" + std::string(number) + "\"}"),
            "{\"a\":[0.5,7],\"b\":\"" + std::string(number) + "\"}");
    }
}

TEST(FittingJson, ReplacesOrRefusesHalfOfASurrogatePair) {
    for (const std::string_view lone :
         {R"("\ud800")", R"("\udc00")", R"("a\ud800\n")", R"(["\ud83d\ude00","\ud800"])"}) {
        EXPECT_NE(read(lone).find("\xef\xbf\xbd"), std::string::npos) << lone;
        EXPECT_EQ(read(lone, LoneSurrogates::refuse), "refused") << lone;
    }
    EXPECT_EQ(read(R"(["\\ud800",1e400])"), R"(["\\ud800",0.5])") << "an escaped backslash";
    EXPECT_EQ(read(R"(["\"1e400\"",1e400])"), R"(["\"1e400\"",0.5])") << "a quote in a string";
}

TEST(FittingJson, RefusesWhatIsNoJson) {
    for (const std::string_view json : {"", "[1e400", "01", "[1e400,]", "\"\\u12\"", "nul"})
        EXPECT_EQ(read(json), "refused") << json;
}

}  // namespace
}  // namespace kwikgate::gateway
