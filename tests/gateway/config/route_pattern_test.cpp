#include "gateway/config/route_pattern.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace kwikgate::gateway {
namespace {

TEST(PatternProblem, NamesWhatIsWrong) {
    const std::pair<std::string, std::string_view> cases[] = {
        {"", "does not start with '/'"},
        {"a", "does not start with '/'"},
        {"/a//b", "empty segment"},
        {"//", "empty segment"},
        {"/a/../b", "dot segment"},
        {"/.", "dot segment"},
        {"/a*", "'*' elsewhere"},
        {"/*/a", "'*' elsewhere"},
        {"/{a", "not a whole {name}"},
        {"/{}", "not a whole {name}"},
        {"/{a}b", "not a whole {name}"},
        {"/{a-b}", "letters, digits and _"},
        {"/a/:id", "a segment that may be anything is a {name}"},
        {"/a{b}", "brace inside"},
        {"/a b", "no path may hold"},
        {"/a?b", "no path may hold"},
        {"/\xc3\xa9", "no path may hold"},
        {"/a%2fb", "encoded slash"},
        {"/a%2", "no escape"},
        {"/a%zz", "no escape"},
        {"/" + std::string(1024, 'a'), "1024 bytes"},
    };
    for (const auto& [pattern, expected] : cases) {
        const auto problem = pattern_problem(pattern);
        ASSERT_TRUE(problem.has_value()) << pattern;
        EXPECT_NE(problem->find(expected), std::string::npos) << pattern << ": " << *problem;
    }
    std::string deep;
    for (int i = 0; i < 33; ++i) deep += "/a";
    EXPECT_TRUE(pattern_problem(deep).has_value());
    for (const char* right : {"/", "/*", "/a/", "/a/{b}/*", "/a%20b", "/~a:b@c", "/{A_1}"})
        EXPECT_EQ(pattern_problem(right), std::nullopt) << right;
}

TEST(RoutePattern, ARouteWithoutABodyLimitTakesNoneWhereContentMeansNothing) {
    RouteConfig route;
    for (const char* method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
        route.method = method;
        EXPECT_EQ(body_limit(route, 1000), 0U) << method;
    }
    for (const char* method : {"POST", "PUT", "PATCH"}) {
        route.method = method;
        EXPECT_EQ(body_limit(route, 1000), 1000U) << method;
    }
    route.method = "DELETE";
    route.body_bytes = 5;
    EXPECT_EQ(body_limit(route, 1000), 5U);
}

}  // namespace
}  // namespace kwikgate::gateway
