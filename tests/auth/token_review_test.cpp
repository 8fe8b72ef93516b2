#include "auth/token_review.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kwikgate::auth {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp kNow = Timestamp(days(20'000));
constexpr auto kPayments = SectionId{4};
constexpr auto kPayouts = SectionId{7};

/// A token that nothing can be said against: a year old, used today in all it may.
struct Case {
    Case() {
        token.status = TokenStatus::live;
        token.created_at = kNow - days(365);
        token.readable.add(kPayments);
        token.writable.add(kPayments);
        token.secret.created_at = token.created_at;
        usage.last_used_at = kNow - hours(1);
        usage.section_last_written[kPayments] = kNow - hours(1);
        usage.scheme_last_used[static_cast<std::size_t>(Scheme::signature)] = kNow - hours(1);
        usage.secret_last_used[1] = kNow - hours(1);
    }
    std::vector<std::string> advice() const {
        std::vector<std::string> out;
        for (const Finding& finding : review_token(token, usage, kNow))
            out.emplace_back(to_token(finding.advice));
        return out;
    }
    void rotate(Timestamp at, Timestamp until) {
        token.previous_secret = token.secret;
        token.previous_secret->valid_until = until;
        token.secret.created_at = at;
        token.secret.generation = 2;
    }
    store::TokenRecord token;
    store::TokenUsage usage;
};

TEST(TokenReview, SaysNothingOfATokenThatIsUsedAsGranted) {
    EXPECT_THAT(Case().advice(), IsEmpty());
}

TEST(TokenReview, FindsATokenThatIsNotUsed) {
    Case old;
    old.usage.last_used_at = kNow - days(90);
    EXPECT_THAT(old.advice(), ElementsAre("unused"));
    EXPECT_EQ(review_token(old.token, old.usage, kNow).front().at, kNow - days(90));
    old.usage.last_used_at = kNow - days(90) + hours(1);
    EXPECT_THAT(old.advice(), IsEmpty());
    Case never;
    never.usage = {};
    EXPECT_THAT(never.advice(), ElementsAre("unused"));
}

TEST(TokenReview, GivesANewTokenTime) {
    Case fresh;
    fresh.usage = {};
    fresh.token.created_at = kNow - days(89);
    EXPECT_THAT(fresh.advice(), IsEmpty());
}

TEST(TokenReview, FindsSectionsThatWereNeverUsed) {
    Case token;
    token.token.readable.add(kPayouts);
    const auto findings = review_token(token.token, token.usage, kNow);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].advice, Advice::section_unused);
    EXPECT_EQ(findings[0].section, kPayouts);
    token.usage.section_last_read[kPayouts] = kNow - days(300);
    EXPECT_THAT(token.advice(), IsEmpty());
}

TEST(TokenReview, FindsAReadWriteTokenThatOnlyEverRead) {
    Case token;
    token.usage.section_last_written.clear();
    token.usage.section_last_read[kPayments] = kNow;
    EXPECT_THAT(token.advice(), ElementsAre("write_unused"));
    token.token.writable = {};
    EXPECT_THAT(token.advice(), IsEmpty());
}

TEST(TokenReview, FindsAnOldSecretOnlyWhileItIsUsedAndWorks) {
    Case token;
    token.rotate(kNow - days(3), kNow + days(1));
    token.usage.secret_last_used[1] = kNow - days(4);
    EXPECT_THAT(token.advice(), IsEmpty());
    token.usage.secret_last_used[1] = kNow - days(2);
    EXPECT_THAT(token.advice(), ElementsAre("old_secret_in_use"));
    token.token.previous_secret->valid_until = kNow;
    EXPECT_THAT(token.advice(), IsEmpty());
}

TEST(TokenReview, FindsBasicWhileItIsStillUsed) {
    Case token;
    auto& basic = token.usage.scheme_last_used[static_cast<std::size_t>(Scheme::basic)];
    basic = kNow - days(89);
    EXPECT_THAT(token.advice(), ElementsAre("uses_basic"));
    basic = kNow - days(90);
    EXPECT_THAT(token.advice(), IsEmpty());
}

TEST(TokenReview, FindsWhatExpires) {
    Case token;
    token.token.expires_at = kNow + days(30);
    EXPECT_THAT(token.advice(), ElementsAre("expires_soon"));
    token.token.expires_at = kNow + days(31);
    EXPECT_THAT(token.advice(), IsEmpty());
    token.token.expires_at = kNow;
    token.token.readable.add(kPayouts);
    EXPECT_THAT(token.advice(), ElementsAre("expired"));
}

TEST(TokenReview, LeavesADisabledTokenInPeace) {
    Case token;
    token.usage = {};
    token.token.status = TokenStatus::disabled;
    EXPECT_THAT(token.advice(), IsEmpty());
}

}  // namespace
}  // namespace kwikgate::auth
