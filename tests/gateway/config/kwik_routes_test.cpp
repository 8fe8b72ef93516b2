#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "gateway/config/load.hpp"
#include "gateway/config/route_overlap.hpp"
#include "gateway/pipeline/route_table.hpp"
#include "tests/support/files.hpp"
#include "tests/support/source_dir.hpp"

/// Holds configs/kwik.routes.json to the API's endpoint table: every row, and nothing beside.
namespace kwikgate::gateway {
namespace {

constexpr std::string_view kNone;
constexpr std::string_view kCustomers = "customers";
constexpr std::string_view kBanks = "customer-bank-accounts";
constexpr std::string_view kCards = "customer-cards";
constexpr std::string_view kMandates = "customer-mandates";
constexpr std::string_view kPayments = "payments";
constexpr std::string_view kTransactions = "transactions";
constexpr std::string_view kRecipients = "recipients";
constexpr std::string_view kPayouts = "payouts";
constexpr std::string_view kCheckout = "checkout-page";
constexpr std::string_view kOrders = "orders";

/// How a version has the row: not at all, known from documentation or use, or inferred.
enum class In { no, known, inferred };
using enum In;

struct Row {
    In v1;
    In v2;
    std::string_view method;
    std::string_view path;
    char effect;  ///< 'R' or 'W'.
    std::string_view section;
};

constexpr Row kRows[] = {
    {known, known, "GET", "/lookups", 'R', kNone},
    {known, known, "GET", "/lookups/{type}", 'R', kNone},
    {known, known, "GET", "/lookups/{type}/{payment_methods_id}", 'R', kNone},
    {known, inferred, "GET", "/payment-methods", 'R', kNone},
    {known, known, "POST", "/cdv", 'R', kNone},
    {known, inferred, "POST", "/avs-r", 'R', kNone},
    {known, inferred, "POST", "/customers/create", 'W', kCustomers},
    {inferred, inferred, "POST", "/customers/update", 'W', kCustomers},
    {known, known, "GET", "/customers/list", 'R', kCustomers},
    {known, known, "POST", "/bank-accounts/create", 'W', kBanks},
    {known, inferred, "POST", "/bank-accounts/update", 'W', kBanks},
    {known, inferred, "GET", "/bank-accounts/list", 'R', kBanks},
    {known, inferred, "GET", "/cards", 'R', kCards},
    {no, known, "POST", "/card-vault/{customer_id}/link", 'W', kCards},
    {known, known, "POST", "/mandates/create", 'W', kMandates},
    {inferred, inferred, "POST", "/mandates/update", 'W', kMandates},
    {inferred, inferred, "POST", "/mandates/debicheck/update/{action}", 'W', kMandates},
    {inferred, inferred, "GET", "/mandates/list", 'R', kMandates},
    {no, known, "GET", "/electronic-mandates/list", 'R', kMandates},
    {no, known, "POST", "/electronic-mandates/link", 'W', kMandates},
    {known, no, "POST", "/payments/submit", 'W', kPayments},
    {known, no, "POST", "/payments/status/{payments_id}/{status}", 'W', kPayments},
    {inferred, no, "POST", "/payments/{payments_id}/complete", 'W', kPayments},
    {inferred, no, "GET", "/payments", 'R', kPayments},
    {inferred, no, "GET", "/payments/list", 'R', kPayments},
    {no, inferred, "POST", "/collections/submit", 'W', kPayments},
    {no, inferred, "POST", "/collections/status/{id}/{status}", 'W', kPayments},
    {no, inferred, "GET", "/collections/list", 'R', kPayments},
    {known, known, "GET", "/transactions", 'R', kTransactions},
    {no, known, "GET", "/transactions/record/{reference}", 'R', kTransactions},
    {no, known, "POST", "/recipients/create", 'W', kRecipients},
    {no, inferred, "POST", "/recipients/update", 'W', kRecipients},
    {no, inferred, "GET", "/recipients/list", 'R', kRecipients},
    {known, known, "POST", "/payouts/request", 'W', kPayouts},
    {inferred, inferred, "GET", "/payouts/list", 'R', kPayouts},
    {known, no, "POST", "/checkout/page", 'W', kCheckout},
    {no, known, "POST", "/checkout/link", 'W', kCheckout},
    {no, known, "POST", "/checkout/form", 'W', kCheckout},
    {known, no, "POST", "/orders/create", 'W', kOrders},
    {inferred, no, "POST", "/orders/update", 'W', kOrders},
    {inferred, no, "GET", "/orders/list", 'R', kOrders},
    {no, inferred, "POST", "/products/create", 'W', kOrders},  // The section is inferred.
    {no, inferred, "POST", "/products/update", 'W', kOrders},
    {no, inferred, "GET", "/products/list", 'R', kOrders},
};

/// configs/kwik.json, with more of its neighbours for route files.
LoadedConfig load_kwik(const std::string& more = "") {
    ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/kwikgate", 1);
    const auto read = [&](const std::filesystem::path& file) -> boost::system::result<std::string> {
        std::string text = tests::read_file(file);
        const std::string named = "\"kwik.routes.json\"";
        if (const std::size_t at = text.find(named); at != std::string::npos)
            text.insert(at + named.size(), more);
        return text;
    };
    LoadedConfig loaded = load_config(tests::source_dir() / "configs/kwik.json", read);
    ::unsetenv("CREDENTIALS_DIRECTORY");
    for (const ConfigProblem& problem : loaded.problems) ADD_FAILURE() << problem.to_string();
    for (const ConfigProblem& warning : loaded.warnings) ADD_FAILURE() << warning.to_string();
    return loaded;
}

std::map<std::string, RouteConfig> kwik_routes() {
    std::map<std::string, RouteConfig> routes;
    for (const RouteConfig& route : load_kwik().config.routes)
        routes.emplace(route.method + " " + route.path, route);
    return routes;
}

TEST(KwikRoutes, HasEveryRowForItsVersionsAndNothingElse) {
    std::map<std::string, RouteConfig> routes = kwik_routes();
    for (const Row& row : kRows) {
        for (const auto& [in, prefix] : {std::pair(row.v1, "/1.0"), std::pair(row.v2, "/2.0")}) {
            if (in == no) continue;
            const std::string key = std::string(row.method) + " " + prefix + std::string(row.path);
            SCOPED_TRACE(key);
            const auto found = routes.find(key);
            ASSERT_NE(found, routes.end());
            EXPECT_EQ(found->second.section, row.section);
            EXPECT_EQ(found->second.access,
                      row.effect == 'R' ? auth::Access::read : auth::Access::write);
            EXPECT_EQ(found->second.inferred, in == inferred);
            EXPECT_FALSE(found->second.check_json);
            EXPECT_EQ(found->second.opaque, row.path == "/transactions/record/{reference}");
            routes.erase(found);
        }
    }
    for (const auto& [key, route] : routes) ADD_FAILURE() << key << " is no row of the table";
}

TEST(KwikRoutes, TakesAPublicKeyForTheCheckoutFormAndNowhereElse) {
    for (const auto& [key, route] : kwik_routes()) {
        const bool is_form = key == "POST /2.0/checkout/form";
        EXPECT_EQ(route.schemes.contains(auth::Scheme::public_key), is_form) << key;
        EXPECT_EQ(route.schemes.contains(auth::Scheme::basic), !is_form) << key;
        EXPECT_EQ(route.schemes.contains(auth::Scheme::signature), !is_form) << key;
        const std::vector<std::string> types = {"application/x-www-form-urlencoded",
                                                "application/json"};
        EXPECT_EQ(route.content_types, is_form ? types : std::vector<std::string>()) << key;
    }
}

TEST(KwikRoutes, HasWhatIsNotKnownToExistInAFileOfItsOwn) {
    const auto known = kwik_routes();
    std::map<std::string, std::string> added;
    for (const RouteConfig& route : load_kwik(", \"kwik.unconfirmed.routes.json\"").config.routes) {
        const std::string key = route.method + " " + route.path;
        if (known.contains(key)) continue;
        added.emplace(key, route.section);
        EXPECT_TRUE(route.inferred) << key;
        EXPECT_EQ(route.access, auth::Access::write) << key;
    }
    const std::map<std::string, std::string> wanted = {
        {"POST /2.0/checkout/page", "checkout-page"},
        {"POST /2.0/payments/status/{id}/{status}", "payments"},
        {"POST /2.0/payments/submit", "payments"}};
    EXPECT_EQ(added, wanted);
}

TEST(KwikRoutes, FitsIntoARouteTableWithoutConflict) {
    RouteTable table;
    const Config config = load_kwik(", \"kwik.unconfirmed.routes.json\"").config;
    const auto rights = number_rights(config.routes, config.limits.body_bytes);
    for (std::size_t i = 0; i < config.routes.size(); ++i) {
        Route route;
        route.method = config.routes[i].method;
        route.pattern = config.routes[i].path;
        route.rights = rights[i];
        route.opaque = config.routes[i].opaque;
        EXPECT_EQ(table.add(std::move(route)), nullptr) << config.routes[i].path;
    }
    table.finish();
    EXPECT_EQ(table.match("GET", "/2.0/transactions/record/INV%2F7").route->pattern,
              "/2.0/transactions/record/{reference}");
    // Only this one may hold anything.
    EXPECT_TRUE(table.match("POST", "/2.0/card-vault/a%2Fb/link").ambiguity);
    EXPECT_EQ(table.match("POST", "/1.0/mandates/debicheck/update/cancel").route->pattern,
              "/1.0/mandates/debicheck/update/{action}");
    EXPECT_EQ(table.match("PUT", "/2.0/customers/create").allowed_methods.to_text(), "POST");
}

}  // namespace
}  // namespace kwikgate::gateway
