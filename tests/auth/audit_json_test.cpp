#include "auth/audit_json.hpp"

#include <gtest/gtest.h>

namespace kwikgate::auth {
namespace {

TEST(AuditJson, WritesMembersInOrder) {
    EXPECT_EQ(AuditJson().finish(), "{}");
    EXPECT_EQ(AuditJson()
                  .text("name", "Shop")
                  .texts("none", {})
                  .texts("two", {"a", "b"})
                  .number("n", 18446744073709551615ULL)
                  .boolean("yes", true)
                  .boolean("no", false)
                  .null("nothing")
                  .finish(),
              R"({"name":"Shop","none":[],"two":["a","b"],"n":18446744073709551615,)"
              R"("yes":true,"no":false,"nothing":null})");
}

TEST(AuditJson, EscapesWhatWouldEndAString) {
    EXPECT_EQ(AuditJson().text("a\"b", "q\" b\\ n\n t\x01 ü").finish(),
              "{\"a\\\"b\":\"q\\\" b\\\\ n\\u000a t\\u0001 ü\"}");
}

}  // namespace
}  // namespace kwikgate::auth
