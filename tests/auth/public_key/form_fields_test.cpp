#include "auth/public_key/form_fields.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kwikgate::auth {
namespace {

std::string plain(FormText text) {
    TextBytes bytes(text);
    std::string out;
    std::uint8_t byte = 0;
    while (bytes.next(byte)) out += static_cast<char>(byte);
    return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

template <class Read>
std::optional<Pairs> read_with(Read read, std::string_view body) {
    const auto form = std::make_unique<FormFields>();
    if (!read(body, *form)) return std::nullopt;
    Pairs pairs;
    for (std::size_t i = 0; i < form->count; ++i)
        pairs.emplace_back(plain(form->fields[i].name), plain(form->fields[i].value));
    return pairs;
}

TEST(FormFields, ReadsUrlencodedForms) {
    const std::pair<std::string_view, Pairs> rows[] = {
        {"", {}},
        {"a=1&b=2", {{"a", "1"}, {"b", "2"}}},
        {"&&a=1&", {{"a", "1"}}},
        {"a", {{"a", ""}}},
        {"=v", {{"", "v"}}},
        {"a=b=c", {{"a", "b=c"}}},
        {"a+b=c+d%2B%26", {{"a b", "c d+&"}}},
        {"%61=%c3%bc%00", {{"a", std::string("\xc3\xbc\0", 3)}}},
    };
    for (const auto& [body, pairs] : rows)
        EXPECT_EQ(read_with(read_urlencoded, body), pairs) << body;
    for (const std::string_view body : {"a=%", "a=%1", "a=%g0", "%=1", "a=1&b=%4"})
        EXPECT_FALSE(read_with(read_urlencoded, body)) << body;
}

TEST(FormFields, ReadsFlatJsonObjects) {
    const std::pair<std::string_view, Pairs> rows[] = {
        {"{}", {}},
        {" \t\r\n{ } \n", {}},
        {R"({"a":"1","b":2.50e+3,"c":true,"d":false,"e":null,"f":-0})",
         {{"a", "1"}, {"b", "2.50e+3"}, {"c", "true"}, {"d", "false"}, {"e", "null"}, {"f", "-0"}}},
        {R"({ "a" : "x" , "b" : 0 })", {{"a", "x"}, {"b", "0"}}},
        {R"({"\u0061":"\"\\\/\b\f\n\r\t"})", {{"a", "\"\\/\b\f\n\r\t"}}},
        {R"({"a":"\u00fc\u20ac\ud83d\ude00\u0000"})",
         {{"a", std::string("\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\0", 10)}}},
        {"{\"a\":\"\xc3\xbc\"}", {{"a", "\xc3\xbc"}}},
        // Half of a surrogate pair is within the grammar; its bytes are those of no other text.
        {"{\"a\":\"\\ud800\"}", {{"a", "\xed\xa0\x80"}}},
        {"{\"a\":\"\\udc00\"}", {{"a", "\xed\xb0\x80"}}},
        {"{\"a\":\"\\ud800\\u0041\"}",
         {{"a",
           "\xed\xa0\x80"
           "A"}}},
        {"{\"a\":\"\\ud800\\ud83d\\ude00\"}", {{"a", "\xed\xa0\x80\xf0\x9f\x98\x80"}}},
        {"{\"a\":\"\\ud800\\n\\ude00\"}", {{"a", "\xed\xa0\x80\n\xed\xb8\x80"}}},
        {"{\"a\":-25000000000000000000,\"b\":1e400}",
         {{"a", "-25000000000000000000"}, {"b", "1e400"}}},
    };
    for (const auto& [body, pairs] : rows)
        EXPECT_EQ(read_with(read_flat_json, body), pairs) << body;
}

TEST(FormFields, RefusesWhatIsNotAFlatJsonObject) {
    for (const std::string_view body : {"",
                                        " ",
                                        "[]",
                                        "\"a\"",
                                        "1",
                                        "null",
                                        "{",
                                        "}",
                                        "{}{}",
                                        "{},",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "{\"a\":1,}",
                                        "{,\"a\":1}",
                                        "{\"a\":1 \"b\":2}",
                                        "{\"a\":{}}",
                                        "{\"a\":[]}",
                                        "{\"a\":[1]}",
                                        "{\"a\":01}",
                                        "{\"a\":+1}",
                                        "{\"a\":.5}",
                                        "{\"a\":1.}",
                                        "{\"a\":1e}",
                                        "{\"a\":-}",
                                        "{\"a\":0x1}",
                                        "{\"a\":NaN}",
                                        "{\"a\":True}",
                                        "{\"a\":nul}",
                                        "{\"a\":truex}",
                                        "{\"a\":\"\n\"}",
                                        "{\"a\":\"\\x\"}",
                                        "{\"a\":\"\\u12\"}",
                                        "{\"a\":\"\\u12g4\"}",
                                        "{\"a\":\"",
                                        "{\"a\":\"\\",
                                        "{\"a\":\"\\\"}",
                                        "{\"a\":\"\xff\"}",
                                        "{\"a\":\"\xc3\"}",
                                        "{\"a\":\"\xed\xa0\x80\"}",
                                        "\xef\xbb\xbf{}",
                                        "{/**/}",
                                        "{}//"})
        EXPECT_FALSE(read_with(read_flat_json, body)) << body;
}

TEST(FormFields, IsBoundedInTheNumberOfFields) {
    std::string form, json = "{";
    for (std::size_t i = 0; i < kMaxFormFields; ++i) {
        form += "f" + std::to_string(i) + "=1&";
        json += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":1";
    }
    EXPECT_TRUE(read_with(read_urlencoded, form));
    EXPECT_TRUE(read_with(read_flat_json, json + "}"));
    EXPECT_FALSE(read_with(read_urlencoded, form + "more=1"));
    EXPECT_FALSE(read_with(read_flat_json, json + ",\"more\":1}"));
}

TEST(FormFields, ComparesDecodedNames) {
    const auto form = [](std::string_view raw) { return FormText{raw, TextForm::urlencoded}; };
    EXPECT_TRUE(compare_text(form("%61"), form("a")) == 0);
    EXPECT_TRUE(compare_text(form("+"), FormText{"\\u0020", TextForm::json_string}) == 0);
    EXPECT_TRUE(compare_text(form("a"), form("aa")) < 0);
    EXPECT_TRUE(compare_text(form("B"), form("a")) < 0);
    EXPECT_TRUE(compare_text(form("%ff"), form("z")) > 0);
}

}  // namespace
}  // namespace kwikgate::auth
