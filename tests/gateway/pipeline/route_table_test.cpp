#include "gateway/pipeline/route_table.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kwikgate::gateway {
namespace {

void add(RouteTable& table, std::string_view method, std::string_view pattern,
         std::uint32_t rights = 0, bool opaque = false) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.rights = rights;
    route.opaque = opaque;
    ASSERT_EQ(table.add(std::move(route)), nullptr) << method << " " << pattern;
}

/// A table with patterns that compete for the same paths.
RouteTable sample() {
    RouteTable table;
    add(table, "GET", "/");
    add(table, "GET", "/2.0/transactions");
    add(table, "GET", "/2.0/transactions/record/{reference}", 0, true);
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
        {"GET", "/static/%2Fb", "", "PUT"},
        {"GET", "/static/%2F", "", "PUT"},
        {"GET", "/static/a/%2fc", "", "", true},
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
        EXPECT_EQ(match.allowed_methods.to_text(), c.allowed);
        EXPECT_EQ(match.path_known, !c.allowed.empty());
        EXPECT_EQ(static_cast<bool>(match.ambiguity), c.encoded_slash);
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

using Kind = PathAmbiguity::Kind;

/// Payments have the rights 1, payouts 2.
RouteTable payments_and_payouts() {
    RouteTable table;
    add(table, "GET", "/item/{id}", 1);
    add(table, "GET", "/item/export", 2);
    add(table, "GET", "/item/{id}/refunds", 2);
    add(table, "GET", "/r/*", 1);
    add(table, "GET", "/r/admin/*", 2);
    add(table, "GET", "/record/{reference}", 1, true);
    add(table, "GET", "/same/{id}", 1);
    add(table, "GET", "/same/{id}/{part}", 1);
    add(table, "GET", "/same/all", 1);
    add(table, "GET", "/Camel/{id}", 1);
    add(table, "GET", "/Camel/Export", 2);
    add(table, "GET", "/odd/{id}", 1);
    add(table, "GET", "/odd/a%20b", 2);
    add(table, "GET", "/slash/{id}", 1);
    add(table, "GET", "/slash/end/", 2);
    add(table, "GET", "/own/{id}", 1);
    add(table, "GET", "/own/{id}/*", 2);
    add(table, "GET", "/any/name", 1);
    add(table, "POST", "/item/update", 2);
    add(table, "GET", "/*", 3);
    table.finish();
    return table;
}

struct ReadingCase {
    std::string_view path;
    std::string_view pattern;  ///< Of the route; empty: refused.
    Kind kind = Kind::none;
    std::string_view other = {};
};

TEST(RouteTable, RefusesWhatMayBeReadAsAPathWithOtherRights) {
    const RouteTable table = payments_and_payouts();
    const ReadingCase cases[] = {
        {"/item/5", "/item/{id}"},
        {"/item/EXPORTS", "/item/{id}"},
        {"/item/a%20b", "/item/{id}"},
        {"/item/5;v=1", "/item/{id}"},
        {"/item/updat%65", "/item/{id}"},  // The other route has another method.
        {"/item/export", "/item/export"},
        {"/item/%65xport", "", Kind::other_rights, "/item/export"},
        {"/item/%2565xport", "", Kind::other_rights, "/item/export"},
        {"/item/export;x=1", "", Kind::other_rights, "/item/export"},
        {"/item/export%3Bx", "", Kind::other_rights, "/item/export"},
        {"/item/Export", "", Kind::other_rights, "/item/export"},
        {"/item/%45xport;x", "", Kind::other_rights, "/item/export"},
        {"/item/5%2Frefunds", "", Kind::other_rights, "/item/{id}/refunds"},
        {"/item/5%252frefunds", "", Kind::other_rights, "/item/{id}/refunds"},
        {"/item/5%255Crefunds", "", Kind::other_rights, "/item/{id}/refunds"},
        {"/item/5%2Frefunds%2F", "", Kind::other_rights, "/*"},
        {"/item/x%252F..%252Fexport", "", Kind::other_rights, "/*"},
        {"/r/x/y", "/r/*"},
        {"/r/admin/x", "/r/admin/*"},
        {"/r/%61dmin/x", "", Kind::other_rights, "/r/admin/*"},
        {"/r/admin;a/x", "", Kind::other_rights, "/r/admin/*"},
        {"/r/;/admin/x", "", Kind::other_rights, "/r/admin/*"},
        {"/r/Admin/x", "", Kind::other_rights, "/r/admin/*"},
        {"/r/admin", "", Kind::other_rights, "/r/admin/*"},
        {"/r/admin/", "", Kind::other_rights, "/r/*"},
        {"/r/x%252F..%252Fadmin/y", "", Kind::other_rights, "/r/admin/*"},
        // An opaque route holds anything, but not what is another route's.
        {"/record/a.b", "/record/{reference}"},
        {"/record/%2e%252e%252fitem%252fexport", "", Kind::other_rights, "/*"},
        // Equal rights may be confused.
        {"/same/%61ll", "/same/{id}"},
        {"/same/a%2Fb", "/same/{id}"},
        {"/same/a%2Fb%2Fc", "", Kind::other_rights, "/*"},
        // Letters of the routes themselves.
        {"/Camel/5", "/Camel/{id}"},
        {"/Camel/Export", "/Camel/Export"},
        {"/Camel/export", "", Kind::other_rights, "/Camel/Export"},
        {"/camel/export", "", Kind::other_rights, "/Camel/Export"},
        {"/odd/a%20c", "/odd/{id}"},
        {"/odd/%61%20b", "", Kind::other_rights, "/odd/a%20b"},
        {"/odd/a%2520b", "", Kind::other_rights, "/odd/a%20b"},
        // Trailing slashes. The path of a route is its own, whatever a wider one asks for.
        {"/slash/5", "/slash/{id}"},
        {"/slash/end", "", Kind::other_rights, "/slash/end/"},
        {"/slash/end/", "", Kind::other_rights, "/slash/{id}"},
        {"/own/5", "/own/{id}"},
        {"/own/5/", "", Kind::other_rights, "/own/{id}"},
        {"/own/5/x", "/own/{id}/*"},
        {"/any/name", "/any/name"},
        {"/any/name/", "", Kind::other_rights, "/any/name"},
        {"/any/%6eame", "", Kind::other_rights, "/any/name"},
    };
    for (const ReadingCase& c : cases) {
        SCOPED_TRACE(c.path);
        const RouteMatch match = table.match("GET", c.path);
        EXPECT_EQ(match.route == nullptr ? "" : match.route->pattern, c.pattern);
        EXPECT_EQ(match.ambiguity.kind, c.kind) << match.ambiguity.to_text();
        const Route* const other = match.ambiguity.other;
        EXPECT_EQ(other == nullptr ? "" : other->pattern, c.other) << match.ambiguity.to_text();
        EXPECT_FALSE(match.path_known);
    }
}

TEST(RouteTable, AnEncodedSlashNeedsARouteOrAnOpaqueOne) {
    RouteTable table;
    add(table, "GET", "/plain/{id}");
    add(table, "GET", "/opaque/{id}", 0, true);
    add(table, "GET", "/deep/{id}");
    add(table, "GET", "/deep/{id}/{part}");
    add(table, "GET", "/rest/*");
    table.finish();
    const ReadingCase cases[] = {
        {"/plain/a%20b", "/plain/{id}"},
        {"/plain/a%2Fb", "", Kind::no_route},
        {"/plain/a%252Fb", "", Kind::no_route},
        {"/plain/a%255Cb", "", Kind::no_route},
        {"/plain/%252e%252e", "", Kind::no_route},
        {"/plain/a;b", "/plain/{id}"},
        {"/opaque/a%2Fb", "/opaque/{id}"},
        {"/opaque/a%252Fb", "/opaque/{id}"},
        {"/deep/a%2Fb", "/deep/{id}"},
        {"/deep/a%2Fb%2Fc", "", Kind::no_route},
        {"/rest/a%252Fb", "/rest/*"},
        {"/rest/%252e%252e%252fplain", "", Kind::no_route},
    };
    for (const ReadingCase& c : cases) {
        SCOPED_TRACE(c.path);
        const RouteMatch match = table.match("GET", c.path);
        EXPECT_EQ(match.route == nullptr ? "" : match.route->pattern, c.pattern);
        EXPECT_EQ(match.ambiguity.kind, c.kind) << match.ambiguity.to_text();
    }
}

TEST(RouteTable, WhatCannotMatterIsNotLookedAt) {
    RouteTable table;
    add(table, "GET", "/v1/paymentMethods/{id}", 1);
    add(table, "GET", "/v1/payouts/list", 2);
    add(table, "GET", "/v1/export/{id}", 1);
    add(table, "GET", "/v1/export/all", 2);
    table.finish();
    const auto& routes = table.routes();
    // Upper case and slashes lead nowhere else from the first one; literals have one path.
    EXPECT_EQ(routes[0]->look_at & ~0x3U, 0U);
    EXPECT_EQ(routes[1]->look_at, 0U);
    EXPECT_EQ(routes[3]->look_at, 0U);
    EXPECT_EQ(routes[2]->look_at & 0x10U, 0U) << "a plain path has one reading";
    EXPECT_EQ(table.match("GET", "/v1/export/Al").route, routes[2].get());
    EXPECT_EQ(table.match("GET", "/v1/export/All").route, nullptr);
}

TEST(RouteTable, AnyMethodThatARouteNamesIsKnown) {
    RouteTable table;
    add(table, "GET", "/a");
    add(table, "QUERY", "/a");
    add(table, "PURGE", "/a/{b}");
    table.finish();
    EXPECT_EQ(table.match("QUERY", "/a").route->method, "QUERY");
    EXPECT_EQ(table.match("PURGE", "/a/1").route->method, "PURGE");
    EXPECT_EQ(table.match("PURGE", "/a").allowed_methods.to_text(), "GET, HEAD, QUERY");
    EXPECT_EQ(table.allowed_methods("*").to_text(), "GET, HEAD, QUERY, PURGE");
    EXPECT_EQ(table.allowed_methods("/a").to_text(), "GET, HEAD, QUERY");
    EXPECT_TRUE(table.allowed_methods("/b").empty());
    for (const char* known : {"GET", "HEAD", "QUERY", "PURGE", "OPTIONS"})
        EXPECT_TRUE(table.match(known, "/b").method_known) << known;
    for (const char* unknown : {"POST", "DELETE", "query", "TRACE", "BREW", ""})
        EXPECT_FALSE(table.match(unknown, "/a").method_known) << unknown;
    RouteTable many;
    for (int i = 0; i < 25; ++i) add(many, "M" + std::to_string(i), "/");
    Route one_more;
    one_more.method = "M25";
    one_more.pattern = "/";
    EXPECT_THROW(many.add(one_more), std::invalid_argument);
}

TEST(RouteTable, APathWithTooManyReadingsIsRefused) {
    RouteTable table;
    add(table, "GET", "/a/*", 1);
    add(table, "GET", "/b", 2);
    table.finish();
    std::string path = "/a";
    for (int i = 0; i < 1000; ++i) path += "/%2541;x%3By%253Bz%255C";
    EXPECT_EQ(table.match("GET", path).ambiguity.kind, Kind::too_long);
    std::string name = "/a/";
    for (int i = 0; i < 2500; ++i) name += "%D0";
    EXPECT_NE(table.match("GET", name).route, nullptr);
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
