#include "gateway/admin/sessions.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kwikgate::gateway::admin {
namespace {

using std::chrono::minutes;

class SessionsTest : public testing::Test {
  protected:
    struct Halves {
        std::string cookie;
        std::string page;
        operator SessionHalves() const { return {cookie, page}; }
    };
    Halves open(std::string key = "adm_1") {
        const Sessions::Opened opened = sessions_.open(std::move(key), now_);
        return {std::string(opened.cookie.expose()), std::string(opened.page.expose())};
    }
    bool is_open(const SessionHalves& halves) { return sessions_.find(halves, now_) != nullptr; }

    store::Timestamp now_{std::chrono::hours(1000)};
    Sessions sessions_{minutes(30), minutes(120)};
};

TEST_F(SessionsTest, FindsASessionByBothHalvesOnly) {
    const Halves first = open("adm_1");
    const Halves second = open("adm_2");
    EXPECT_NE(first.cookie, second.cookie);
    EXPECT_NE(first.cookie, first.page);
    EXPECT_EQ(first.cookie.size(), 43U);
    EXPECT_EQ(first.page.size(), 43U);
    EXPECT_EQ(sessions_.find(second, now_)->key_id, "adm_2");
    const std::string none;
    for (const std::string& wrong : {none, first.cookie.substr(1), first.cookie + "x", first.page})
        EXPECT_FALSE(is_open({wrong, first.page})) << wrong;
    for (const std::string& wrong : {none, first.page.substr(1), first.page + "x", second.page})
        EXPECT_FALSE(is_open({first.cookie, wrong})) << wrong;
    EXPECT_TRUE(is_open(first));
}

TEST_F(SessionsTest, OneHalfAloneNeitherEndsASessionNorKeepsItAlive) {
    const Halves halves = open();
    sessions_.close({halves.cookie, "x"});
    EXPECT_TRUE(is_open(halves));
    for (int i = 0; i < 3; ++i) {
        now_ += minutes(10);
        EXPECT_FALSE(is_open({halves.cookie, "x"}));
    }
    EXPECT_FALSE(is_open(halves)) << "nobody used it for half an hour";
}

TEST_F(SessionsTest, EndsOneThatIsNotUsed) {
    const Halves name = open();
    now_ += minutes(29);
    EXPECT_TRUE(is_open(name));
    now_ += minutes(29);
    EXPECT_TRUE(is_open(name)) << "its use began the time anew";
    now_ += minutes(30);
    EXPECT_FALSE(is_open(name));
    EXPECT_EQ(sessions_.size(), 0U);
}

TEST_F(SessionsTest, EndsOneThatLivedLongEnoughThoughItIsUsed) {
    const Halves name = open();
    for (int i = 0; i < 5; ++i) {
        now_ += minutes(20);
        EXPECT_TRUE(is_open(name));
    }
    now_ += minutes(20);
    EXPECT_FALSE(is_open(name));
}

TEST_F(SessionsTest, ClosesOneForGood) {
    const Halves name = open();
    sessions_.close(name);
    EXPECT_FALSE(is_open(name));
    sessions_.close(name);
}

TEST_F(SessionsTest, AKeyThatLogsInTooOftenEndsItsOwnOnly) {
    const Halves other = open("adm_2");
    now_ += std::chrono::seconds(1);
    const Halves first = open("adm_1");
    now_ += std::chrono::seconds(1);
    for (std::size_t i = 1; i < Sessions::kMostOfKey; ++i) open("adm_1");
    EXPECT_TRUE(is_open(other));
    now_ += std::chrono::seconds(1);
    const Halves last = open("adm_1");
    EXPECT_EQ(sessions_.size(), Sessions::kMostOfKey + 1);
    EXPECT_FALSE(is_open(first));
    for (std::size_t i = 0; i < 2 * Sessions::kMost; ++i) open("adm_1");
    EXPECT_EQ(sessions_.size(), Sessions::kMostOfKey + 1);
    EXPECT_FALSE(is_open(last));
    EXPECT_TRUE(is_open(other)) << "used longer ago than all of them";
}

TEST_F(SessionsTest, KeepsABoundedNumberAndEndsTheOneUnusedForLongest) {
    const Halves oldest = open("adm_0");
    now_ += std::chrono::seconds(1);
    const Halves used = open("adm_1");
    for (std::size_t i = 2; i < Sessions::kMost; ++i) open("adm_" + std::to_string(i));
    now_ += std::chrono::seconds(1);
    EXPECT_TRUE(is_open(used));
    open("another");
    EXPECT_EQ(sessions_.size(), Sessions::kMost);
    EXPECT_FALSE(is_open(oldest));
    EXPECT_TRUE(is_open(used));
}

}  // namespace
}  // namespace kwikgate::gateway::admin
