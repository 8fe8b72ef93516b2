#include "gateway/http/json_check.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::gateway::http {
namespace {

using namespace std::string_literals;

/// Both ways of asking: they must never differ.
bool accepts(std::string_view text) {
    static JsonCheck check;
    // A copy of exactly its size: the sanitizers see a byte that is read beyond it.
    const std::vector<char> copy(text.begin(), text.end());
    const std::string_view exact(copy.data(), copy.size());
    const bool is_accepted = is_json(exact);
    EXPECT_EQ(check.is_valid(exact), is_accepted) << text;
    return is_accepted;
}

std::string nested(std::size_t depth, std::string_view open, std::string_view inner,
                   std::string_view close) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += open;
    text += inner;
    for (std::size_t i = 0; i < depth; ++i) text += close;
    return text;
}

// The kinds of cases are those of the public suites: what a parser must take, what it must refuse,
// and what RFC 8259 leaves to it.

TEST(JsonCheck, TakesEveryValue) {
    for (const std::string_view text : {"null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0",
                                        "42",
                                        "\"\"",
                                        "\"a\"",
                                        "[]",
                                        "{}",
                                        " [ ] ",
                                        "{ }",
                                        "\t\n\r null \t\n\r",
                                        "[1]",
                                        "[1,2,3]",
                                        "[null, true, false]",
                                        "[[],[[]],{}]",
                                        R"({"a":1})",
                                        R"({"a":{"b":[{}]},"c":""})",
                                        R"({"":0})",
                                        "[1\n]",
                                        "[ 1 , 2 ]",
                                        R"({ "a" : 1 , "b" : 2 })"})
        EXPECT_TRUE(accepts(text)) << text;
}

TEST(JsonCheck, TakesNumbersOfAnySize) {
    for (const std::string_view text :
         {"0",
          "-0",
          "0.0",
          "-0.0",
          "0e1",
          "0E-1",
          "1e+2",
          "1.5e-10",
          "123456789",
          "1E22",
          "1e400",
          "-1e400",
          "1e-400",
          "0e+1",
          "1e99999999999999999999",
          "25000000000000000000",
          "-9223372036854776000",
          "9223372036854775807",
          "18446744073709551615",
          "18446744073709551616",
          "100000000000000000000000000000000000000000000000000",
          "0.00000000000000000000000000000000000000000000000000000000000000000000001",
          "123123e100000",
          "-237462374673276894279832749832423479823246327846"}) {
        EXPECT_TRUE(accepts(text)) << text;
        EXPECT_TRUE(accepts("[" + std::string(text) + "]")) << text;
        EXPECT_TRUE(accepts("{\"a\":" + std::string(text) + ",\"b\":1}")) << text;
    }
    EXPECT_TRUE(accepts(std::string(5000, '9')));
}

TEST(JsonCheck, RefusesWhatIsNoNumber) {
    for (const std::string_view text :
         {"-",     "+1",           "01",  "-01",      "00",        "1.",    ".5",  "-.5", "1.e1",
          "1e",    "1e+",          "1e-", "1ee1",     "1e1.5",     "1.2.3", "0x1", "0b1", "1_000",
          "1 000", "--1",          "-+1", "Infinity", "-Infinity", "NaN",   "nan", "1a",  "-a",
          "1e1e1", "\xef\xbc\x91", "1,",  "- 1",      "1e 1",      "012"}) {
        EXPECT_FALSE(accepts(text)) << text;
        EXPECT_FALSE(accepts("[" + std::string(text) + "]")) << text;
    }
    EXPECT_FALSE(accepts("[1\0]"s));
    EXPECT_FALSE(accepts("1\0"s));
}

TEST(JsonCheck, TakesStrings) {
    for (const std::string_view text :
         {R"("\"\\\/\b\f\n\r\t")", R"("\u0041\u0000\uffff")", R"("\uD83D\uDE00")", "\"\x7f\"",
          "\"\xc3\xa9\"", "\"\xe2\x82\xac\"", "\"\xf0\x9d\x84\x9e\"", "\"\xf4\x8f\xbf\xbf\"",
          "\"\xef\xbf\xbf\"", "\"\xe2\x80\xa8\"", "\"a/b\"", "\"'\"", "\" \"",
          "\"\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e mixed with ascii, \xc3\xa9\"",
          // Within the grammar, though no character (RFC 8259, 8.2).
          R"("\ud800")", R"("\udc00")", R"("\udc00\ud800")", R"("\ud800\ud800")", R"("\ud800\n")",
          R"("\ud800\u0041")", R"("\uDADA x")", R"({"\ud800":"\udfff"})"})
        EXPECT_TRUE(accepts(text)) << text;
    EXPECT_TRUE(accepts("\"" + std::string(100000, 'a') + "\""));
}

TEST(JsonCheck, RefusesWhatIsNoString) {
    for (const std::string_view text :
         {"\"", "\"a", "a\"", "'a'", "`a`", "\"\\\"", "\"\\", "\"\\u\"", "\"\\u12\"", "\"\\u123\"",
          "\"\\u123g\"", "\"\\U0041\"", "\"\\x41\"", "\"\\a\"", "\"\\0\"", "\"\\v\"", "\"\\'\"",
          "\"\\ \"", "\"\\\n\"", "\"\n\"", "\"\t\"", "\"\x01\"", "\"\x1f\"", "\"a\" b",
          "\"a\"\"b\"", "\"\\\xc3\xa9\"", "\"\\u\xc3\xa9\"",
          // No UTF-8: stray and missing bytes, overlong forms, surrogates, beyond U+10FFFF.
          "\"\x80\"", "\"\xff\"", "\"\xc3\"", "\"\xc3", "\"\xc3(\"", "\"\xe2\x82\"", "\"\xe2\x82",
          "\"\xc0\xaf\"", "\"\xe0\x80\xaf\"", "\"\xf0\x80\x80\xaf\"", "\"\xed\xa0\x80\"",
          "\"\xed\xa0\x80\xed\xb0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"",
          "\"\xf0\x9d\x84\"", "\"\xe9\""})
        EXPECT_FALSE(accepts(text)) << text;
    EXPECT_FALSE(accepts("\"a\0b\""s));
    EXPECT_FALSE(accepts("\"\0"s));
}

TEST(JsonCheck, RefusesWhatHasNoStructure) {
    for (const std::string_view text : {"",
                                        " ",
                                        "\n",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        "[}",
                                        "{]",
                                        "[1",
                                        "[1,",
                                        "[1,]",
                                        "[,1]",
                                        "[,]",
                                        "[1,,2]",
                                        "[1 2]",
                                        "[1;2]",
                                        "[\"a\"",
                                        "[[]",
                                        "[]]",
                                        "[][]",
                                        "[] a",
                                        "{}{}",
                                        "{} {}",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "{\"a\":1",
                                        "{\"a\":1,",
                                        "{\"a\":1,}",
                                        "{,\"a\":1}",
                                        "{\"a\" 1}",
                                        "{\"a\",1}",
                                        "{\"a\"::1}",
                                        "{\"a\":1 \"b\":2}",
                                        "{\"a\":1,,\"b\":2}",
                                        "{a:1}",
                                        "{1:1}",
                                        "{'a':1}",
                                        "{null:1}",
                                        "{[]:1}",
                                        "{{}:1}",
                                        "{:1}",
                                        "{\"a\":}",
                                        "{\"a\":1]",
                                        "[\"a\":1]",
                                        "{\"a\"}",
                                        "{[1]}",
                                        ",",
                                        ":",
                                        "1 2",
                                        "nul",
                                        "nulll",
                                        "tru",
                                        "truee",
                                        "True",
                                        "FALSE",
                                        "undefined",
                                        "null null",
                                        "[nul]",
                                        "truefalse",
                                        "// a\n1",
                                        "1 // a",
                                        "/* a */ 1",
                                        "# a\n1",
                                        "[1]x",
                                        "\f1",
                                        "\v1",
                                        "\xc2\xa0"
                                        "1",
                                        "\xe2\x81\xa0"
                                        "1",
                                        "\\u005b\\u005d",
                                        "<a/>",
                                        "a=1",
                                        "[1]\x1f",
                                        "*",
                                        "[*]",
                                        "{\"a\":*}",
                                        "\x7f"})
        EXPECT_FALSE(accepts(text)) << text;
    EXPECT_FALSE(accepts("[]\0"s));
    EXPECT_FALSE(accepts("\0"s));
    EXPECT_FALSE(accepts("[\0]"s));
}

TEST(JsonCheck, ChoosesWhereTheGrammarLeavesIt) {
    // RFC 8259, 4: names "SHOULD be unique".
    EXPECT_TRUE(accepts(R"({"a":1,"a":2})"));
    EXPECT_TRUE(accepts(R"({"a":1,"\u0061":1})"));
    // 2: any value may be a text, not only arrays and objects, as RFC 4627 had it.
    EXPECT_TRUE(accepts("1"));
    // 8.1: a byte order mark is not to be written, and may be refused; other encodings are.
    EXPECT_FALSE(accepts("\xef\xbb\xbf{}"));
    EXPECT_FALSE(accepts("\xff\xfe[\0]\0"s));
    EXPECT_FALSE(accepts("\xfe\xff\0[\0]"s));
    EXPECT_FALSE(accepts("[\0]\0"s));
}

TEST(JsonCheck, BoundsTheNesting) {
    const std::size_t most = kMaxJsonNesting;
    EXPECT_TRUE(accepts(nested(most, "[", "", "]")));
    EXPECT_TRUE(accepts(nested(most, "[", "1e400", "]")));
    EXPECT_TRUE(accepts(nested(most, "{\"a\":", "1e400", "}")));
    EXPECT_TRUE(accepts(nested(most / 2, "[{\"a\":", "\"\\ud800\"", "}]")));
    EXPECT_FALSE(accepts(nested(most + 1, "[", "", "]")));
    EXPECT_FALSE(accepts(nested(most + 1, "{\"a\":", "1", "}")));
    EXPECT_FALSE(accepts(nested(most, "[", "{}", "]")));
    EXPECT_FALSE(accepts(nested(1'000'000, "[", "", "]")));
    EXPECT_FALSE(accepts(std::string(100'000, '[')));
    EXPECT_FALSE(accepts(nested(most, "[", "1", "}"))) << "what closes must be what was opened";
    // What was closed does not count.
    std::string wide = "[";
    for (int i = 0; i < 3000; ++i) wide += "[{}],";
    EXPECT_TRUE(accepts(wide + "1e400]"));
}

TEST(JsonCheck, NoPrefixOfADocumentIsOneAndNothingMayFollow) {
    const std::string text =
        R"({"a":[1,-2.5e+3,true,false,null,"\"\u00e9\ud800 é",{}],"b":{"c":[]}})";
    ASSERT_TRUE(accepts(text));
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_FALSE(accepts(std::string_view(text).substr(0, size))) << size;
    for (const char c : "{}[],:\"0a\\") EXPECT_FALSE(accepts(text + c)) << c;
}

}  // namespace
}  // namespace kwikgate::gateway::http
