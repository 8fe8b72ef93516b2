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

TEST(ConsoleTest, PacksOnlyForThoseWhoTakeIt) {
    for (const ConsoleFile& file : console_files()) {
        if (!file.path.ends_with(".js") && !file.path.ends_with(".css")) continue;
        for (const auto* accepted : {"gzip", "deflate, GZIP;q=0.5", "br, gzip"}) {
            const auto packed = console_response(file.path, accepted);
            EXPECT_THAT(packed->fields,
                        testing::Contains(testing::Pair("Content-Encoding", "gzip")));
            EXPECT_LT(packed->body.size(), file.bytes.size() / 2);
            EXPECT_THAT(packed->body, testing::StartsWith("\x1f\x8b"));
        }
        for (const auto* accepted : {"", "br", "gzip;q=0", "identity, *", "gzipped"}) {
            const auto plain = console_response(file.path, accepted);
            EXPECT_FALSE(plain->has("Content-Encoding")) << accepted;
            EXPECT_TRUE(plain->has("Vary"));
            EXPECT_EQ(plain->body, file.bytes);
        }
    }
}

TEST(ConsoleTest, HasNothingElse) {
    for (const auto* path : {"", "/assets/", "/index", "/index.html/", "/api/v1/session", "//"})
        EXPECT_FALSE(console_response(path).has_value()) << path;
}

}  // namespace
}  // namespace kwikgate::gateway::admin
