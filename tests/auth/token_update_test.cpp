#include "auth/token_service.hpp"

#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

using TokenUpdateTest = TokenFixture;

TEST_F(TokenUpdateTest, KeepsPermissionsConsistentWhenSectionsChange) {
    const std::string id = create(spec("Shop", true)).record.id;
    TokenSpec sections;
    sections.sections = std::vector<std::string>{"payments", "orders"};
    auto updated = service().update(id, sections);
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->writable, updated->readable);
    EXPECT_TRUE(updated->writable.contains(section("orders")));
    EXPECT_FALSE(updated->readable.contains(section("customers")));
    TokenSpec read_only;
    read_only.read_write = false;
    updated = service().update(id, read_only);
    EXPECT_TRUE(updated->writable.empty());
    EXPECT_EQ(updated->readable.count(), 2);
    sections.sections = std::vector<std::string>{"customers"};
    updated = service().update(id, sections);
    EXPECT_TRUE(updated->writable.empty()) << "a read-only token stays one";
    TokenSpec read_write;
    read_write.read_write = true;
    updated = service().update(id, read_write);
    EXPECT_EQ(updated->writable, updated->readable);
}

TEST_F(TokenUpdateTest, NeverWidensARecordWhoseSetsDiffer) {
    const std::string id = create(spec("Shop", true)).record.id;
    tamper(id, [&](store::TokenRecord& record) { record.writable.remove(section("customers")); });
    TokenSpec sections;
    sections.sections = std::vector<std::string>{"customers", "payments", "orders"};
    const auto updated = service().update(id, sections);
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->readable.count(), 3);
    EXPECT_EQ(updated->writable.count(), 1);
    EXPECT_TRUE(updated->writable.contains(section("payments")));
}

TEST_F(TokenUpdateTest, UpdatesOnlyWhatIsSet) {
    TokenSpec wanted = spec("Shop", true);
    wanted.account = "acc";
    wanted.expires_at = std::optional<Timestamp>(now_ + hours{1});
    wanted.rate = std::optional(store::RateLimit{5, 5});
    const store::TokenRecord before = create(wanted).record;
    now_ += seconds{10};
    TokenSpec rename;
    rename.name = "Renamed";
    const auto updated = service().update(before.id, rename);
    ASSERT_TRUE(updated);
    store::TokenRecord expected = before;
    expected.name = "Renamed";
    expected.version = 2;
    expected.updated_at = now_;
    EXPECT_EQ(*updated, expected);
    TokenSpec clear;
    clear.account = "";
    clear.expires_at.emplace(std::nullopt);
    clear.rate.emplace(std::nullopt);
    const auto cleared = service().update(before.id, clear);
    ASSERT_TRUE(cleared);
    EXPECT_TRUE(cleared->account.empty());
    EXPECT_FALSE(cleared->expires_at);
    EXPECT_FALSE(cleared->rate);
}

TEST_F(TokenUpdateTest, ARefusedUpdateChangesNothing) {
    const store::TokenRecord before = create(spec()).record;
    TokenSpec wrong;
    wrong.name = "New name";
    wrong.rate = std::optional(store::RateLimit{0, 0});
    EXPECT_EQ(service().update(before.id, wrong).error().code, Errc::invalid_rate);
    TokenSpec moved;
    moved.environment = Environment::test;
    EXPECT_EQ(service().update(before.id, moved).error().code, Errc::invalid_credential);
    EXPECT_EQ(*service().find(before.id), before);
    EXPECT_EQ(audit().size(), 1U);
}

TEST_F(TokenUpdateTest, AnUpdateOfAnotherVersionIsRefused) {
    const store::TokenRecord before = create(spec()).record;
    TokenSpec rename;
    rename.name = "First";
    ASSERT_TRUE(service().update(before.id, rename, before.version));
    rename.name = "Second";
    const auto conflict = service().update(before.id, rename, before.version);
    ASSERT_FALSE(conflict);
    EXPECT_EQ(conflict.error().code, store::Errc::version_conflict);
    EXPECT_EQ(service().find(before.id)->name, "First");
}

TEST_F(TokenUpdateTest, DisablingTwiceIsFineAndLoggedOnce) {
    const std::string id = create(spec()).record.id;
    const auto first = service().set_status(id, TokenStatus::disabled);
    const auto second = service().set_status(id, TokenStatus::disabled);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(*first, *second);
    EXPECT_EQ(second->status, TokenStatus::disabled);
    ASSERT_EQ(audit().size(), 2U);
    EXPECT_EQ(audit().back().action, "token.disable");
    ASSERT_TRUE(service().set_status(id, TokenStatus::live));
    EXPECT_EQ(audit().back().action, "token.enable");
}

}  // namespace
}  // namespace kwikgate::auth
