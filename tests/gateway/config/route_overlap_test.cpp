#include "gateway/config/route_overlap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/config/loading.hpp"

namespace kwikgate::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> told(const std::vector<RouteShape>& routes) {
    std::vector<std::string> lines;
    const RouteOverlaps overlaps = find_overlaps(routes, OverlapDepth::splits);
    EXPECT_TRUE(overlaps.is_complete);
    for (const RouteOverlap& overlap : overlaps.found)
        lines.push_back(std::string(routes[overlap.taken].pattern) + " > " +
                        std::string(routes[overlap.other].pattern) + ": " + overlap.how() +
                        (overlap.is_plain ? " (plain)" : ""));
    return lines;
}

TEST(RouteOverlap, TellsWhichReadingLeadsToWhichRoute) {
    constexpr const char* kLiteral =
        "';' parameters cut from segments, escapes decoded, letters in lower case";
    EXPECT_THAT(told({{"GET", "/item/{id}", 1}, {"GET", "/item/export", 2}}),
                ElementsAre(std::string("/item/{id} > /item/export: ") + kLiteral));
    EXPECT_THAT(told({{"GET", "/item/{id}", 1}, {"GET", "/item/7", 2}}),
                ElementsAre("/item/{id} > /item/7: ';' parameters cut from segments, escapes "
                            "decoded"));
    EXPECT_THAT(told({{"GET", "/item/{id}", 1}, {"GET", "/item/{id}/refunds", 2}}),
                ElementsAre("/item/{id} > /item/{id}/refunds: an encoded slash in a parameter"));
    EXPECT_THAT(told({{"GET", "/{a}/x", 1}, {"GET", "/{a}/{b}/x", 2}}),
                ElementsAre("/{a}/x > /{a}/{b}/x: an encoded slash in a parameter"));
    EXPECT_THAT(told({{"GET", "/r/*", 1}, {"GET", "/r/admin/*", 2}}),
                ElementsAre(std::string("/r/* > /r/admin/*: ") + kLiteral +
                                ", a trailing slash added (plain)",
                            "/r/admin/* > /r/*: the trailing slash dropped"));
    EXPECT_THAT(told({{"GET", "/a", 1}, {"GET", "/a/", 2}}),
                ElementsAre("/a/ > /a: the trailing slash dropped"));
    EXPECT_THAT(told({{"GET", "/Foo/{id}", 1}, {"GET", "/foo/{id}", 2}}),
                ElementsAre("/Foo/{id} > /foo/{id}: escapes decoded, letters in lower case (plain)",
                            "/foo/{id} > /Foo/{id}: escapes decoded, letters in lower case "
                            "(plain)"));
}

TEST(RouteOverlap, TellsNothingWhereNothingIsToBeConfused) {
    EXPECT_THAT(told({{"GET", "/item/{id}", 1}, {"GET", "/item/export", 1}}), IsEmpty());
    EXPECT_THAT(told({{"GET", "/item/{id}", 1}, {"POST", "/item/export", 2}}), IsEmpty());
    EXPECT_THAT(told({{"GET", "/item/{id}", 1}, {"GET", "/items", 2}}), IsEmpty());
    EXPECT_THAT(told({{"GET", "/a/{id}", 1}, {"GET", "/a/{id}/b", 1}, {"GET", "/c/{id}", 2}}),
                IsEmpty());
    // The shorter one is its own path's; a slash that is dropped leads to it.
    EXPECT_THAT(told({{"GET", "/a/{id}", 1}, {"GET", "/a/{id}/*", 2}}),
                ElementsAre("/a/{id} > /a/{id}/*: an encoded slash in a parameter",
                            "/a/{id}/* > /a/{id}: the trailing slash dropped"));
    EXPECT_THAT(told({{"HEAD", "/item/{id}", 1}, {"GET", "/item/7", 2}}), testing::SizeIs(1));
}

TEST(RouteOverlap, EverythingButNamesAndTimesIsARight) {
    RouteConfig plain;
    plain.method = "GET";
    plain.path = "/a";
    std::vector<RouteConfig> routes(12, plain);
    routes[1].path = "/b";
    routes[1].method = "HEAD";
    routes[1].inferred = routes[1].opaque = true;
    routes[1].response_timeout = milliseconds(1);
    routes[1].body_bytes = 0;
    routes[2].section = "payments";
    routes[3].access = auth::Access::write;
    routes[4].schemes.add(auth::Scheme::basic);
    routes[5].upstream = "other";
    routes[6].environment = auth::Environment::live;
    routes[7].body_bytes = 7;
    routes[8].check_json = true;
    routes[9].content_types = {"application/json"};
    routes[10].covers = {"idempotency-key"};
    EXPECT_THAT(number_rights(routes, 100), ElementsAre(0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0));
    // Without a limit of its own, it has that of its method.
    std::vector<RouteConfig> posts(2, plain);
    posts[0].method = posts[1].method = "POST";
    posts[1].body_bytes = 100;
    EXPECT_THAT(number_rights(posts, 100), ElementsAre(0, 0));
}

TEST(RouteOverlap, CheckWarnsAndRefusesWhatIsOpaque) {
    const std::string routes =
        R"("routes":[{"method":"GET","path":"/item/{id}","section":"payments"},)"
        R"({"method":"GET","path":"/item/export","section":"payouts"}])";
    const std::string text = minimal_with(R"("routes":[{"method":"GET","path":"/"}])", routes);
    const LoadedConfig loaded = load_text(text);
    EXPECT_THAT(lines(loaded), IsEmpty());
    ASSERT_EQ(loaded.warnings.size(), 1U);
    EXPECT_EQ(loaded.warnings[0].pointer, "/routes/0/path");
    EXPECT_THAT(
        loaded.warnings[0].message,
        HasSubstr("one of GET /item/export, which has other rights, when it is read with "));
    const LoadedConfig opaque =
        load_text(with(text, R"("section":"payments")", R"("section":"payments","opaque":true)"));
    EXPECT_THAT(opaque.warnings, IsEmpty());
    EXPECT_THAT(lines(opaque), ElementsAre(HasSubstr("/routes/0/path: the route is opaque, but a "
                                                     "path of it is one of GET /item/export")));
}

}  // namespace
}  // namespace kwikgate::gateway
