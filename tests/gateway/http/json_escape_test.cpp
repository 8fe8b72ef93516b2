#include "gateway/http/json_escape.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kwikgate::gateway::http {
namespace {

using namespace std::string_view_literals;

TEST(JsonEscape, WritesOnlyWellFormedStrings) {
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

}  // namespace
}  // namespace kwikgate::gateway::http
