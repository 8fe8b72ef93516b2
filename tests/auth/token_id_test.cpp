#include "auth/token_id.hpp"

#include <gtest/gtest.h>

#include <set>

#include "auth/base62.hpp"
#include "store/token_record.hpp"

namespace kwikgate::auth {
namespace {

Timestamp at(std::int64_t milliseconds) {
    return Timestamp{std::chrono::milliseconds{milliseconds}};
}

TEST(TokenId, HasThePrefixAndTwentyTwoDigits) {
    TokenIdGenerator ids;
    const auto id = ids.next(at(1795506437123));
    ASSERT_TRUE(id);
    EXPECT_EQ(id->size(), store::kTokenIdBytes);
    EXPECT_TRUE(id->starts_with("tok_"));
    EXPECT_TRUE(is_base62(id->substr(4)));
}

TEST(TokenId, SortsByCreationAlsoWithinAMillisecond) {
    TokenIdGenerator ids;
    std::string last;
    for (int i = 0; i < 50000; ++i) {
        const auto id = ids.next(at(1795506437000 + i / 1000));
        ASSERT_TRUE(id);
        ASSERT_LT(last, *id) << i;
        last = *id;
    }
}

TEST(TokenId, OfTwoGeneratorsDiffers) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        TokenIdGenerator ids;
        EXPECT_TRUE(seen.insert(*ids.next(at(1))).second);
    }
}

TEST(TokenId, TakesAnyTime) {
    TokenIdGenerator ids;
    const std::string negative = *ids.next(at(-5));
    EXPECT_EQ(negative.substr(4, 8), "00000000");
    EXPECT_LT(negative, *ids.next(at(1)));
    EXPECT_EQ(ids.next(Timestamp::max())->size(), store::kTokenIdBytes);
}

}  // namespace
}  // namespace kwikgate::auth
