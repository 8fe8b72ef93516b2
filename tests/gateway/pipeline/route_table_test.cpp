#include "gateway/pipeline/route_table.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kwikgate::gateway {
namespace {

void add(RouteTable& table, std::string_view method, std::string_view pattern) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    ASSERT_EQ(table.add(std::move(route)), nullptr) << method << " " << pattern;
}

/// A table with patterns that compete for the same paths.
RouteTable sample() {
    RouteTable table;
    add(table, "GET", "/");
    add(table, "GET", "/2.0/transactions");
    add(table, "GET", "/2.0/transactions/record/{reference}");
    add(table, "GET", "/2.0/lookups");
    add(table, "GET", "/2.0/lookups/{type}");
    add(table, "GET", "/2.0/lookups/{type}/{payment_methods_id}");
    add(table, "GET", "/2.0/lookups/banks");
    add(table, "GET", "/2.0/lookups/banks/all/{page}");
    add(table, "POST", "/2.0/cdv");
    add(table, "POST", "/2.0/lookups/{type}");
    add(table, "GET", "/static/*");
    add(table, "GET", "/static/logo.png");
    add(table, "PUT", "/static/{file}");
    add(table, "HEAD", "/2.0/probe");
    add(table, "OPTIONS", "/2.0/checkout/form");
    add(table, "POST", "/2.0/checkout/form");
    add(table, "DELETE", "/trailing/");
    table.finish();
    return table;
}

struct MatchCase {
    std::string_view method;
    std::string_view path;
    std::string_view pattern;  ///< Empty: no route.
    std::string_view allowed;  ///< Empty: the path is not known.
    bool encoded_slash = false;
};

TEST(RouteTable, MatchesByPrecedenceAndNothingElse) {
    const RouteTable table = sample();
    const MatchCase cases[] = {
        {"GET", "/", "/", ""},
        {"GET", "/2.0/transactions", "/2.0/transactions", ""},
        {"GET", "/2.0/transactions/", "", ""},
        {"GET", "/2.0/Transactions", "", ""},
        {"GET", "/2.0/transaction%73", "", ""},
        {"GET", "/2.0/transactions/record/a.b~c", "/2.0/transactions/record/{reference}", ""},
        {"GET", "/2.0/transactions/record/", "", ""},
        {"GET", "/2.0/transactions/record", "", ""},
        {"GET", "/2.0/transactions/record/a/b", "", ""},
        // Literal before parameter, also deeper down.
        {"GET", "/2.0/lookups/banks", "/2.0/lookups/banks", ""},
        {"GET", "/2.0/lookups/cards", "/2.0/lookups/{type}", ""},
        {"GET", "/2.0/lookups/banks/all/7", "/2.0/lookups/banks/all/{page}", ""},
        // The literal branch leads nowhere: the parameter beside it is tried.
        {"GET", "/2.0/lookups/banks/all", "/2.0/lookups/{type}/{payment_methods_id}", ""},
        {"POST", "/2.0/lookups/banks", "/2.0/lookups/{type}", ""},
        // Trailing star.
        {"GET", "/static/", "/static/*", ""},
        {"GET", "/static", "", ""},
        {"GET", "/static/a/b/c", "/static/*", ""},
        {"GET", "/static/logo.png", "/static/logo.png", ""},
        {"PUT", "/static/logo.png", "/static/{file}", ""},
        {"PUT", "/static/", "", "GET, HEAD"},
        // Methods.
        {"HEAD", "/2.0/transactions", "/2.0/transactions", ""},
        {"HEAD", "/2.0/cdv", "", "POST"},
        {"GET", "/2.0/probe", "", "HEAD"},
        {"HEAD", "/2.0/probe", "/2.0/probe", ""},
        {"POST", "/2.0/transactions", "", "GET, HEAD"},
        {"DELETE", "/2.0/lookups/banks", "", "GET, HEAD, POST"},
        {"DELETE", "/static/logo.png", "", "GET, HEAD, PUT"},
        {"GET", "/2.0/checkout/form", "", "POST, OPTIONS"},
        {"BREW", "/2.0/cdv", "", "POST"},
        {"get", "/2.0/transactions", "", "GET, HEAD"},
        {"", "/2.0/cdv", "", "POST"},
        {"DELETE", "/trailing/", "/trailing/", ""},
        {"DELETE", "/trailing", "", ""},
        // Encoded slashes: in a parameter only.
        {"GET", "/2.0/transactions/record/a%2Fb", "/2.0/transactions/record/{reference}", ""},
        {"GET", "/2.0/transactions/record/a%2fb%2F", "/2.0/transactions/record/{reference}", ""},
        {"POST", "/2.0/transactions/record/a%2Fb", "", "GET, HEAD"},
        {"GET", "/2.0%2Ftransactions", "", "", true},
        {"GET", "/2.0/transactions%2frecord/x", "", "", true},
        {"GET", "/static/a%2Fb", "", "PUT"},
        {"GET", "/static/a/b%2fc", "", "", true},
        {"GET", "/static/a%252Fb", "/static/*", ""},
        {"GET", "/static/a%2", "/static/*", ""},
        {"GET", "/static/a%", "/static/*", ""},
        // Not paths.
        {"GET", "", "", ""},
        {"GET", "2.0/transactions", "", ""},
        {"GET", "*", "", ""},
    };
    for (const MatchCase& c : cases) {
        SCOPED_TRACE(std::string(c.method) + " " + std::string(c.path));
        const RouteMatch match = table.match(c.method, c.path);
        EXPECT_EQ(match.route == nullptr ? "" : match.route->pattern, c.pattern);
        EXPECT_EQ(match.allowed_methods, c.allowed);
        EXPECT_EQ(match.path_known, !c.allowed.empty());
        EXPECT_EQ(match.encoded_slash_outside_param, c.encoded_slash);
    }
}

TEST(RouteTable, RefusesTwoRoutesOfTheSameShape) {
    RouteTable table;
    add(table, "GET", "/a/{x}/b");
    Route same;
    same.method = "GET";
    same.pattern = "/a/{other_name}/b";
    const Route* earlier = table.add(same);
    ASSERT_NE(earlier, nullptr);
    EXPECT_EQ(earlier->pattern, "/a/{x}/b");
    add(table, "POST", "/a/{other_name}/b");
    add(table, "GET", "/a/{x}/*");
    same.pattern = "/a/{y}/*";
    EXPECT_NE(table.add(same), nullptr);
    table.finish();
    ASSERT_EQ(table.routes().size(), 3U);
    for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(table.routes()[i]->index, i);
    EXPECT_EQ(table.match("GET", "/a/1/b").route->pattern, "/a/{x}/b");
}

TEST(RouteTable, ThrowsForWhatTheLoaderMustNotLetPass) {
    RouteTable table;
    Route route;
    route.method = "CONNECT";
    route.pattern = "/a";
    EXPECT_THROW(table.add(route), std::invalid_argument);
    route.method = "GET";
    route.pattern = "a";
    EXPECT_THROW(table.add(route), std::invalid_argument);
}

TEST(RouteTable, SurvivesBeingMoved) {
    RouteTable first = sample();
    RouteTable second = std::move(first);
    ASSERT_NE(second.match("POST", "/2.0/cdv").route, nullptr);
}

TEST(RouteTable, AnEmptyTableKnowsNoPath) {
    RouteTable table;
    table.finish();
    const RouteMatch match = table.match("GET", "/");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_FALSE(match.path_known);
}

TEST(RouteTable, FindsEachOfAThousandRoutes) {
    RouteTable table;
    for (int i = 0; i < 1000; ++i) {
        add(table, "GET", "/2.0/resource-" + std::to_string(i) + "/{id}");
        add(table, "POST", "/2.0/resource-" + std::to_string(i) + "/create");
    }
    table.finish();
    for (int i = 0; i < 1000; ++i) {
        const std::string base = "/2.0/resource-" + std::to_string(i);
        EXPECT_EQ(table.match("GET", base + "/create").route->pattern, base + "/{id}");
        EXPECT_EQ(table.match("POST", base + "/create").route->pattern, base + "/create");
    }
    EXPECT_EQ(table.match("GET", "/2.0/resource-1000/x").route, nullptr);
}

}  // namespace
}  // namespace kwikgate::gateway
