#include "gateway/admin/sessions.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway::admin {
namespace {

using std::chrono::minutes;

class SessionsTest : public testing::Test {
  protected:
    std::string open(std::string key = "adm_1") {
        return std::string(sessions_.open(std::move(key), now_).expose());
    }
    bool is_open(const std::string& name) { return sessions_.find(name, now_) != nullptr; }

    store::Timestamp now_{std::chrono::hours(1000)};
    Sessions sessions_{minutes(30), minutes(120)};
};

TEST_F(SessionsTest, FindsASessionByItsNameOnly) {
    const std::string first = open("adm_1");
    const std::string second = open("adm_2");
    EXPECT_NE(first, second);
    EXPECT_EQ(first.size(), 43U);
    EXPECT_EQ(sessions_.find(second, now_)->key_id, "adm_2");
    for (const std::string& wrong : {std::string(), first.substr(1), first + "x"})
        EXPECT_FALSE(is_open(wrong));
}

TEST_F(SessionsTest, EndsOneThatIsNotUsed) {
    const std::string name = open();
    now_ += minutes(29);
    EXPECT_TRUE(is_open(name));
    now_ += minutes(29);
    EXPECT_TRUE(is_open(name)) << "its use began the time anew";
    now_ += minutes(30);
    EXPECT_FALSE(is_open(name));
    EXPECT_EQ(sessions_.size(), 0U);
}

TEST_F(SessionsTest, EndsOneThatLivedLongEnoughThoughItIsUsed) {
    const std::string name = open();
    for (int i = 0; i < 5; ++i) {
        now_ += minutes(20);
        EXPECT_TRUE(is_open(name));
    }
    now_ += minutes(20);
    EXPECT_FALSE(is_open(name));
}

TEST_F(SessionsTest, ClosesOneForGood) {
    const std::string name = open();
    sessions_.close(name);
    EXPECT_FALSE(is_open(name));
    sessions_.close(name);
}

TEST_F(SessionsTest, KeepsABoundedNumberAndEndsTheOneUnusedForLongest) {
    const std::string oldest = open();
    now_ += std::chrono::seconds(1);
    const std::string used = open();
    for (std::size_t i = 2; i < Sessions::kMost; ++i) open();
    now_ += std::chrono::seconds(1);
    EXPECT_TRUE(is_open(used));
    open();
    EXPECT_EQ(sessions_.size(), Sessions::kMost);
    EXPECT_FALSE(is_open(oldest));
    EXPECT_TRUE(is_open(used));
}

}  // namespace
}  // namespace kwikgate::gateway::admin
