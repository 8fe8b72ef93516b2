#include <gtest/gtest.h>

#include "auth/section_catalogue.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

class StoreSetup : public TokenFixture {};

TEST_F(StoreSetup, RegistersTheSeedSectionsInOrder) {
    const auto catalogue = SectionCatalogue::load(store_);
    ASSERT_TRUE(catalogue);
    const std::vector<std::string> expected = {"customers",      "customer-bank-accounts",
                                               "customer-cards", "customer-mandates",
                                               "payments",       "transactions",
                                               "recipients",     "payouts",
                                               "checkout-page",  "orders"};
    const auto all = catalogue->resolve(expected);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->count(), 10);
    EXPECT_EQ(catalogue->slugs(*all), expected);
}

TEST_F(StoreSetup, AddsExtraSectionsAndKeepsIdsStable) {
    const SectionId payments = section("payments");
    ASSERT_TRUE(register_sections(store_, {"subscriptions"}));
    const SectionId extra = section("subscriptions");
    ASSERT_TRUE(register_sections(store_, {"reports", "subscriptions"}));
    ASSERT_TRUE(register_sections(store_, {}));
    EXPECT_EQ(section("payments"), payments);
    EXPECT_EQ(section("subscriptions"), extra);
    EXPECT_NE(section("reports"), extra);
}

TEST_F(StoreSetup, RefusesASlugThatIsNone) {
    for (const std::string& slug :
         {std::string(), std::string("Payments"), std::string("a b"), std::string("-a"),
          std::string("a-"), std::string("a_b"), std::string(65, 'a'), std::string("a\n")}) {
        const auto registered = register_sections(store_, {slug});
        ASSERT_FALSE(registered) << slug;
        EXPECT_EQ(registered.error().code, Errc::invalid_section);
    }
}

TEST_F(StoreSetup, KnowsItsMasterKey) {
    EXPECT_TRUE(bind_master_key(store_, key_));
    const auto wrong = bind_master_key(store_, MasterKey::generate());
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, store::Errc::wrong_master_key);
    EXPECT_FALSE(wrong.error().detail.empty());
    EXPECT_TRUE(bind_master_key(store_, key_)) << "and a wrong one changes nothing";
}

TEST_F(StoreSetup, UnknownSectionNamesTheKnownOnes) {
    const auto catalogue = SectionCatalogue::load(store_);
    const auto resolved = catalogue->resolve({"customers", "payment\x1b[2J"});
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().code, Errc::invalid_section);
    EXPECT_NE(resolved.error().detail.find("customer-mandates, payments"), std::string::npos);
    EXPECT_EQ(resolved.error().detail.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace kwikgate::auth
