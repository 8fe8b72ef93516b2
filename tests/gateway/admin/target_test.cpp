#include "gateway/admin/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kwikgate::gateway::admin {
namespace {

TEST(AdminTarget, DecodesTheQueryAsURLSearchParamsWritesIt) {
    const auto target = parse_target("/api/v1/tokens?q=a%20b+c%2B%26%3d&limit=5&empty=&flag");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/api/v1/tokens");
    EXPECT_EQ(*target->find("q"), "a b c+&=");
    EXPECT_EQ(*target->find("limit"), "5");
    EXPECT_EQ(*target->find("empty"), "");
    EXPECT_EQ(*target->find("flag"), "");
    EXPECT_EQ(target->find("nothing"), nullptr);
}

TEST(AdminTarget, RefusesWhatIsNotWellFormed) {
    std::string many = "/?a=1";
    for (int i = 0; i < 32; ++i) many += "&a" + std::to_string(i) + "=1";
    for (const std::string& text :
         {std::string(""), std::string("a"), std::string("http://localhost/"), std::string("*"),
          std::string("/?q=%"), std::string("/?q=%2"), std::string("/?q=%zz"),
          std::string("/?a=1&a=2"), std::string("/?=1"), std::string("/?a=1&&b=2"), many})
        EXPECT_FALSE(parse_target(text)) << text;
}

TEST(AdminTarget, MatchesAnIdOfOneSegmentOnly) {
    const auto id_of = [](std::string_view pattern, std::string_view path) {
        std::string_view id = "unset";
        return matches(pattern, path, id) ? std::string(id) : "no match";
    };
    EXPECT_EQ(id_of("/t/{id}", "/t/tok_1a"), "tok_1a");
    EXPECT_EQ(id_of("/t/{id}/rotate", "/t/tok_1/rotate"), "tok_1");
    EXPECT_EQ(id_of("/t", "/t"), "unset");
    for (const char* path :
         {"/t/", "/t", "/t/a/b", "/t/a/", "/t/a%2Fb", "/t/a.b", "/t/a?b", "/u/a"})
        EXPECT_EQ(id_of("/t/{id}", path), "no match") << path;
    for (const char* path : {"/t//rotate", "/t/rotate", "/t/a/rotat", "/t/a/b/rotate"})
        EXPECT_EQ(id_of("/t/{id}/rotate", path), "no match") << path;
}

}  // namespace
}  // namespace kwikgate::gateway::admin
