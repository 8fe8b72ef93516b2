#include "auth/principal.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/ip_rules.hpp"

namespace kwikgate::auth {
namespace {

constexpr SectionId kPayments{4};
constexpr SectionId kOrders{9};
const Timestamp kNow{std::chrono::milliseconds{1'800'000'000'000}};

Principal live_principal() {
    Principal p;
    p.status = TokenStatus::live;
    p.readable.add(kPayments);
    p.writable.add(kPayments);
    p.address_allowed = true;
    p.origin_allowed = true;
    return p;
}

RouteRequirement payments_route(Access access = Access::read) {
    RouteRequirement route;
    route.section = kPayments;
    route.access = access;
    route.schemes.add(Scheme::basic);
    route.schemes.add(Scheme::signature);
    return route;
}

enum class Expiry { never, later, now, past };
enum class Grant { none, other, read, read_write, write_only };

/// One cell of the matrix, and what it must give, written apart from the code under test: the first
/// reason of the list that applies.
struct Cell {
    TokenStatus status;
    Expiry expiry;
    Scheme scheme;
    bool route_takes_scheme, require_signature, address, origin;
    int environment;  // 0 any, 1 right, 2 wrong
    Grant grant;
    Access access;

    Reason expected() const {
        const struct {
            bool applies;
            Reason reason;
        } rules[] = {
            {status == TokenStatus::disabled, Reason::token_disabled},
            {expiry == Expiry::now || expiry == Expiry::past, Reason::token_expired},
            {!route_takes_scheme, Reason::scheme_not_allowed},
            {require_signature && scheme == Scheme::basic, Reason::scheme_not_allowed},
            {!address, Reason::address_not_allowed},
            {scheme == Scheme::public_key && !origin, Reason::origin_not_allowed},
            {environment == 2, Reason::environment_not_allowed},
            {grant == Grant::none || grant == Grant::other || grant == Grant::write_only,
             Reason::section_not_granted},
            {access == Access::write && grant != Grant::read_write, Reason::write_not_granted},
        };
        for (const auto& rule : rules)
            if (rule.applies) return rule.reason;
        return Reason::none;
    }

    Principal principal() const {
        Principal p;
        p.status = status;
        p.environment = Environment::live;
        p.scheme = scheme;
        p.require_signature = require_signature;
        p.address_allowed = address;
        p.origin_allowed = origin;
        using std::chrono::milliseconds;
        if (expiry == Expiry::later) p.expires_at = kNow + milliseconds{1};
        if (expiry == Expiry::now) p.expires_at = kNow;
        if (expiry == Expiry::past) p.expires_at = kNow - milliseconds{1};
        if (grant == Grant::other) p.readable.add(kOrders), p.writable.add(kOrders);
        if (grant == Grant::read || grant == Grant::read_write) p.readable.add(kPayments);
        if (grant == Grant::read_write || grant == Grant::write_only) p.writable.add(kPayments);
        return p;
    }

    RouteRequirement route() const {
        RouteRequirement r;
        r.section = kPayments;
        r.access = access;
        for (const Scheme s : {Scheme::basic, Scheme::signature, Scheme::public_key})
            if ((s == scheme) == route_takes_scheme) r.schemes.add(s);
        if (environment != 0)
            r.environment = environment == 1 ? Environment::live : Environment::test;
        return r;
    }
};

Phase phase_of(Reason reason) {
    switch (reason) {
        case Reason::address_not_allowed:
        case Reason::origin_not_allowed:
            return Phase::address;
        case Reason::environment_not_allowed:
            return Phase::environment;
        case Reason::section_not_granted:
            return Phase::section;
        case Reason::write_not_granted:
            return Phase::permission;
        default:
            return Phase::status;
    }
}

/// Calls `visit` for every cell of the matrix.
template <class Visit>
void for_each_cell(const Visit& visit) {
    const bool flags[] = {false, true};
    for (const TokenStatus status : {TokenStatus::live, TokenStatus::disabled})
        for (const Expiry expiry : {Expiry::never, Expiry::later, Expiry::now, Expiry::past})
            for (const Scheme scheme : {Scheme::basic, Scheme::signature, Scheme::public_key})
                for (const bool takes : flags)
                    for (const bool require : flags)
                        for (const bool address : flags)
                            for (const bool origin : flags)
                                for (const int environment : {0, 1, 2})
                                    for (const Grant grant :
                                         {Grant::none, Grant::other, Grant::read, Grant::read_write,
                                          Grant::write_only})
                                        for (const Access access : {Access::read, Access::write})
                                            visit(Cell{status, expiry, scheme, takes, require,
                                                       address, origin, environment, grant,
                                                       access});
}

TEST(Authorize, GivesTheFirstReasonThatApplies) {
    int cells = 0;
    int allowed = 0;
    for_each_cell([&](const Cell& cell) {
        const Decision decision = authorize(cell.principal(), cell.route(), kNow);
        ++cells;
        allowed += decision.allowed() ? 1 : 0;
        ASSERT_EQ(row(decision.reason).token, row(cell.expected()).token) << "cell " << cells;
        if (!decision.allowed()) {
            ASSERT_EQ(decision.phase, phase_of(decision.reason)) << "cell " << cells;
        }
    });
    EXPECT_EQ(cells, 2 * 4 * 3 * 16 * 3 * 5 * 2);
    // Live, not expired, scheme taken, address allowed: basic (no require_signature, any origin) 2,
    // signature 4, public key (origin) 2; two environments; read twice, write once.
    EXPECT_EQ(allowed, 2 * (2 + 4 + 2) * 2 * 3);
}

TEST(Authorize, AnyLiveTokenMayReadWhereNoSectionIsNeeded) {
    Principal p = live_principal();
    RouteRequirement route = payments_route();
    route.section.reset();
    EXPECT_TRUE(authorize(p, route, kNow).allowed());
    p.readable = SectionSet{};
    p.writable = SectionSet{};
    EXPECT_TRUE(authorize(p, route, kNow).allowed());
    p.status = TokenStatus::disabled;
    EXPECT_EQ(authorize(p, route, kNow).reason, Reason::token_disabled);
}

TEST(Authorize, AReadOnlyTokenWritesNowhere) {
    Principal p = live_principal();
    RouteRequirement route = payments_route(Access::write);
    route.section.reset();
    EXPECT_TRUE(authorize(p, route, kNow).allowed());
    p.writable = SectionSet{};
    EXPECT_EQ(authorize(p, route, kNow).reason, Reason::write_not_granted);
}

TEST(Authorize, ARouteWithoutSchemesDeniesEverything) {
    RouteRequirement route = payments_route();
    route.schemes = SchemeSet{};
    EXPECT_EQ(authorize(live_principal(), route, kNow).reason, Reason::scheme_not_allowed);
}

TEST(Authorize, AFreshPrincipalIsDenied) {
    EXPECT_EQ(authorize(Principal{}, payments_route(), kNow).reason, Reason::token_disabled);
}

TEST(Principal, CopiesWhatTheDecisionNeedsAndOutlivesTheRecord) {
    store::TokenRecord record;
    record.id = "tok_0123456789abcdefghijkl";
    record.name = "Shop";
    record.api_key = "kwk_live_ak_0123456789abcdefghijkl";
    record.account = "acc-7";
    record.environment = Environment::test;
    record.readable.add(kPayments);
    record.allowed_ips = {*parse_ip_range("192.0.2.0/24")};
    record.allowed_origins = {"https://shop.example.com"};
    record.require_signature = true;
    record.rate = store::RateLimit{7, 9};
    record.max_concurrent = 3;
    record.number = TokenNumber{42};
    record.expires_at = kNow;
    Principal p;
    p.secret_generation = 5;
    p.scheme = Scheme::public_key;
    {
        const auto bytes = store::encode(record);
        ASSERT_TRUE(bytes);
        const auto view = store::decode(*bytes);
        ASSERT_TRUE(view);
        p.assign(*view, *parse_ip("192.0.2.9"), "https://shop.example.com");
    }
    EXPECT_EQ(p.id.view(), record.id);
    EXPECT_EQ(p.account.view(), "acc-7");
    EXPECT_EQ(p.number, TokenNumber{42});
    EXPECT_EQ(p.environment, Environment::test);
    EXPECT_EQ(p.status, TokenStatus::live);
    EXPECT_TRUE(p.readable.contains(kPayments));
    EXPECT_TRUE(p.writable.empty());
    EXPECT_EQ(p.rate, (store::RateLimit{7, 9}));
    EXPECT_EQ(p.max_concurrent, 3U);
    EXPECT_EQ(p.expires_at, kNow);
    EXPECT_TRUE(p.require_signature);
    EXPECT_TRUE(p.address_allowed);
    EXPECT_TRUE(p.origin_allowed);
    EXPECT_EQ(p.secret_generation, 0U) << "nothing of an earlier request stays";
    EXPECT_EQ(p.scheme, Scheme::basic);
}

TEST(Principal, EvaluatesAddressAndOrigin) {
    store::TokenRecord record;
    record.id = "tok_0123456789abcdefghijkl";
    record.name = "Shop";
    record.api_key = "kwk_live_ak_0123456789abcdefghijkl";
    record.allowed_ips = {*parse_ip_range("192.0.2.0/24")};
    record.allowed_origins = {"https://shop.example.com"};
    const auto bytes = store::encode(record);
    const auto view = store::decode(*bytes);
    const struct {
        std::string_view address, origin;
        bool address_allowed, origin_allowed;
    } cases[] = {
        {"192.0.2.9", "https://shop.example.com", true, true},
        {"192.0.3.9", "https://shop.example.com.evil.example", false, false},
        {"2001:db8::1", "", false, false},
        {"192.0.2.0", "null", true, false},
        {"192.0.2.255", "HTTPS://shop.example.com", true, false},
    };
    for (const auto& c : cases) {
        Principal p;
        p.assign(*view, *parse_ip(c.address), c.origin);
        EXPECT_EQ(p.address_allowed, c.address_allowed) << c.address;
        EXPECT_EQ(p.origin_allowed, c.origin_allowed) << c.origin;
    }
}

TEST(InlineString, CutsWhatDoesNotFit) {
    InlineString<4> text;
    EXPECT_TRUE(text.empty());
    text.assign("abcdef");
    EXPECT_EQ(text.view(), "abcd");
    text.assign("");
    EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace kwikgate::auth
