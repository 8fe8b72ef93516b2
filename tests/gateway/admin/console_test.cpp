#include "gateway/admin/console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kwikgate::gateway::admin {
namespace {

TEST(ConsoleTest, AnswersTheFirstPageOrSaysThatTheBuildLacksIt) {
    const auto page = console_response("/");
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->status, console_files().empty() ? 404U : 200U);
    EXPECT_THAT(page->body, testing::HasSubstr(console_files().empty() ? "KWIKGATE_CONSOLE"
                                                                       : "<!doctype html>"));
}

TEST(ConsoleTest, KeepsOnlyFilesWithTheirHashInTheirName) {
    for (const ConsoleFile& file : console_files()) {
        const auto page = console_response(file.path);
        ASSERT_TRUE(page.has_value()) << file.path;
        EXPECT_EQ(page->body, file.bytes);
        EXPECT_TRUE(page->has("Content-Security-Policy"));
        const bool is_hashed = file.path.starts_with("/assets/");
        EXPECT_THAT(
            page->fields,
            testing::Contains(testing::Pair(
                "Cache-Control", is_hashed ? "public, max-age=31536000, immutable" : "no-cache")));
    }
}

TEST(ConsoleTest, HasNothingElse) {
    for (const auto* path : {"", "/assets/", "/index", "/index.html/", "/api/v1/session", "//"})
        EXPECT_FALSE(console_response(path).has_value()) << path;
}

}  // namespace
}  // namespace kwikgate::gateway::admin
