#include "gateway/cli/token_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/json/token_json.hpp"

namespace kwikgate::gateway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const auth::SectionCatalogue& names() {
    static const auth::SectionCatalogue catalogue(
        {{store::SectionId{0}, "customers"}, {store::SectionId{4}, "payments"}});
    return catalogue;
}

store::TokenRecord record() {
    store::TokenRecord out;
    out.id = "tok_0123456789abcdefghijkl";
    out.name = "Shop";
    out.api_key = "kwk_live_ak_0123456789abcdefghijkl";
    out.readable.add(store::SectionId{0});
    out.readable.add(store::SectionId{4});
    return out;
}

TEST(TokenTextTest, TableHasKwiksColumnsAndAPartialKey) {
    Table table = token_table();
    add_token_row(table, record(), {}, names(), store::Timestamp{});
    const std::string text = table.to_string();
    EXPECT_THAT(text, testing::StartsWith("Created"));
    for (const char* part : {"Name", "Key", "Status", "Permissions", "Sections", "Last used", "Id",
                             "Shop", "Live", "Read-Only", "customers, payments", "never"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
    EXPECT_THAT(text, Not(HasSubstr(record().api_key)));
}

TEST(TokenTextTest, TellsOfEverySectionWhenItWasUsed) {
    const std::chrono::sys_days day{std::chrono::days{20'000}};
    UsageDays usage{day, day + std::chrono::days{29}, {}};
    usage.days.push_back({day, {{store::SectionId{0}, 5, 0}}});
    usage.days.push_back({day + std::chrono::days{1}, {{store::SectionId{0}, 6, 2}}});
    const std::string text = usage_block(record(), usage, names());
    EXPECT_THAT(text, HasSubstr("Use from 2024-10-04 to 2024-11-02 (UTC)"));
    EXPECT_THAT(text, HasSubstr("customers  11     2       2          2024-10-05"));
    EXPECT_THAT(text, HasSubstr("payments   0      0       0          none"));
}

TEST(TokenTextTest, ShowsStatusAndExpiryApart) {
    store::TokenRecord token = record();
    const store::Timestamp now{std::chrono::hours{10}};
    const auto status = [&] {
        Table table = token_table();
        add_token_row(table, token, {}, names(), now);
        return table.to_string();
    };
    token.expires_at = now;
    EXPECT_THAT(status(), HasSubstr("Expired"));
    token.expires_at = now + std::chrono::milliseconds{1};
    EXPECT_THAT(status(), HasSubstr("Live"));
    token.status = store::TokenStatus::disabled;
    EXPECT_THAT(status(), HasSubstr("Disabled"));
}

TEST(TokenTextTest, ListsWhatFitsAndCountsTheRest) {
    EXPECT_EQ(joined_sections({}, 10), "");
    EXPECT_EQ(joined_sections({"a", "b"}, 10), "a, b");
    EXPECT_EQ(joined_sections({"customers", "payments", "orders"}, 20), "customers +2");
    EXPECT_EQ(joined_sections({"a-very-long-section-name", "b"}, 10),
              "a-very-long-section-name +1");
}

TEST(TokenTextTest, JsonOfAListedTokenHasNoWholeKey) {
    const std::string json = token_json(record(), {}, names());
    EXPECT_THAT(json, Not(HasSubstr(record().api_key)));
    EXPECT_THAT(json,
                HasSubstr(R"("permissions":"read-only","sections":["customers","payments"])"));
    EXPECT_THAT(json, HasSubstr(R"("last_used_at":null)"));
}

TEST(TokenTextTest, IssuedJsonHasTheSecretOnlyWhenItIsToBeShown) {
    auth::IssuedToken issued;
    issued.record = record();
    issued.api_secret = auth::SecretString("PLANTED-SECRET");
    EXPECT_THAT(issued_json(issued, names(), true), HasSubstr(R"("api_secret":"PLANTED-SECRET")"));
    EXPECT_THAT(issued_json(issued, names(), false), Not(HasSubstr("PLANTED-SECRET")));
    EXPECT_THAT(issued_block(issued, "Made", ""), HasSubstr("API_SECRET  PLANTED-SECRET"));
    EXPECT_THAT(issued_block(issued, "Made", "/x/y"), Not(HasSubstr("PLANTED-SECRET")));
}

}  // namespace
}  // namespace kwikgate::gateway::cli
