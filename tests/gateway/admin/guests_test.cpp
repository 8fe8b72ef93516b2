#include "gateway/admin/guests.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "auth/ip_rules.hpp"

namespace kwikgate::gateway::admin {
namespace {

struct Caller final : Guest {
    using Guest::Guest;
    void end() override { has_ended = true; }
    bool has_ended = false;
};

class GuestsTest : public testing::Test {
  protected:
    Caller& come(bool is_known, Guest::Doing doing = Guest::Doing::waiting,
                 const char* address = "192.0.2.1") {
        Caller& caller = callers_.emplace_back(*auth::parse_ip(address));
        guests_.enter(caller);
        caller.is_known = is_known;
        caller.doing = doing;
        return caller;
    }
    std::uint64_t shed(AdminShed why) const {
        return counters_.connections_shed[static_cast<std::size_t>(why)].value();
    }

    std::deque<Caller> callers_;
    AdminCounters counters_;
    Guests guests_{4, counters_};
};

TEST_F(GuestsTest, NobodyGoesWhileThereIsRoom) {
    for (int i = 0; i < 3; ++i) come(false);
    EXPECT_TRUE(guests_.make_room());
    for (const Caller& caller : callers_) EXPECT_FALSE(caller.has_ended);
}

TEST_F(GuestsTest, WhoIsKnownKeepsItsPlaceWhileOthersAreNot) {
    Caller& known = come(true);
    Caller& oldest = come(false);
    come(false);
    come(false, Guest::Doing::talking);
    EXPECT_TRUE(guests_.make_room());
    EXPECT_TRUE(oldest.has_ended);
    EXPECT_FALSE(known.has_ended);
    EXPECT_EQ(guests_.size(), 3U);
    EXPECT_EQ(shed(AdminShed::unknown), 1U);
}

TEST_F(GuestsTest, OfThoseNobodyKnowsTheAddressWithTheMostLosesFirst) {
    Caller& alone = come(false, Guest::Doing::waiting, "192.0.2.7");
    Caller& first = come(false);
    come(false);
    come(true);
    EXPECT_TRUE(guests_.make_room());
    EXPECT_TRUE(first.has_ended);
    EXPECT_FALSE(alone.has_ended);
}

TEST_F(GuestsTest, OfThoseWhoAreKnownTheOneThatIdlesLongestGoes) {
    Caller& first = come(true);
    Caller& second = come(true);
    come(true, Guest::Doing::talking);
    come(true, Guest::Doing::working);
    first.since = guests_.next_moment();  // It called again.
    EXPECT_TRUE(guests_.make_room());
    EXPECT_TRUE(second.has_ended);
    EXPECT_EQ(shed(AdminShed::idle), 1U);
    guests_.leave(second);
    EXPECT_EQ(guests_.size(), 3U);
}

TEST_F(GuestsTest, WhatIsAtWorkIsNotCutAndTheNewOneGoes) {
    for (int i = 0; i < 4; ++i) come(i % 2 == 0, Guest::Doing::working);
    EXPECT_FALSE(guests_.make_room());
    EXPECT_EQ(shed(AdminShed::refused), 1U);
    for (const Caller& caller : callers_) EXPECT_FALSE(caller.has_ended);
}

}  // namespace
}  // namespace kwikgate::gateway::admin
