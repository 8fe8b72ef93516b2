#include "gateway/proxy/token_shares.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace kwikgate::gateway::proxy {
namespace {

store::TokenNumber token(std::uint32_t number) {
    return static_cast<store::TokenNumber>(number);
}

TEST(TokenShares, BindOnlyWhenPlacesGetScarce) {
    struct Case {
        std::size_t places, taken, held;
        unsigned percent;
        bool is_used_up;
    };
    for (const Case& item : {
             Case{256, 192, 192, 25, false},  // A quarter is free: nobody is limited.
             Case{256, 193, 193, 25, true},
             Case{256, 193, 65, 25, true},
             Case{256, 193, 64, 25, false},  // A quarter is what it may have.
             Case{256, 256, 64, 25, false},
             Case{256, 256, 65, 25, true},
             Case{256, 300, 65, 25, true},  // More than there are: a reload made it less.
             Case{256, 256, 129, 50, true},
             Case{256, 256, 128, 50, false},
             Case{256, 256, 256, 100, false},  // 100: all.
             Case{256, 256, 0, 1, false},      // Who holds nothing is never limited.
             Case{256, 193, 3, 1, true},
             Case{4, 3, 3, 25, false},
             Case{4, 4, 2, 25, true},
             Case{4, 4, 1, 25, false},
             Case{3, 3, 3, 25, false},  // Too few to have a quarter.
             Case{1, 1, 1, 25, false},
             Case{0, 0, 0, 25, false},
         })
        EXPECT_EQ(is_share_used_up(item.places, item.taken, item.held, item.percent),
                  item.is_used_up)
            << item.places << " " << item.taken << " " << item.held << " " << item.percent;
}

TEST(TokenShares, LeaveTheLastQuarterToTheOthers) {
    TokenShares shares(256, 25);
    std::size_t got = 0;
    while (!shares.is_used_up(token(1))) {
        shares.take(token(1));
        ++got;
    }
    EXPECT_EQ(got, 193U);
    for (std::uint32_t other = 2; other < 65; ++other) {
        EXPECT_FALSE(shares.is_used_up(token(other)));
        shares.take(token(other));
    }
    EXPECT_EQ(shares.taken(), 256U);
    EXPECT_TRUE(shares.is_used_up(token(1)));
    for (int i = 0; i < 63; ++i) shares.give_back(token(1));
    EXPECT_TRUE(shares.is_used_up(token(1)));  // 63 are free.
    shares.give_back(token(1));
    EXPECT_FALSE(shares.is_used_up(token(1)));
}

TEST(TokenShares, CountAsAMapDoes) {
    std::minstd_rand random(7);
    TokenShares shares(100'000, 25);
    std::map<std::uint32_t, std::size_t> model;
    std::size_t taken = 0;
    for (int i = 0; i < 300'000; ++i) {
        // Few at first, then many: the table grows, and its entries move.
        const std::uint32_t number = static_cast<std::uint32_t>(random()) %
                                     (i < 100'000 ? 40U : 4000U) * (i % 3 == 0 ? 64U : 1U);
        if (random() % 2 == 0) {
            shares.take(token(number));
            ++model[number];
            ++taken;
        } else if (model[number] != 0) {
            shares.give_back(token(number));
            --model[number];
            --taken;
        }
        ASSERT_EQ(shares.held_by(token(number)), model[number]);
        ASSERT_EQ(shares.taken(), taken);
    }
    for (const auto& [number, held] : model) ASSERT_EQ(shares.held_by(token(number)), held);
    for (auto& [number, held] : model)
        for (; held != 0; --held) shares.give_back(token(number));
    EXPECT_EQ(shares.taken(), 0U);
    for (const auto& [number, held] : model) ASSERT_EQ(shares.held_by(token(number)), 0U);
}

}  // namespace
}  // namespace kwikgate::gateway::proxy
