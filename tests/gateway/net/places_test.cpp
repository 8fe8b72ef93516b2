#include "gateway/net/places.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "auth/ip_rules.hpp"

namespace kwikgate::gateway::net {
namespace {

store::IpAddress ip(const std::string& text) {
    return *auth::parse_ip(text);
}

/// Places by number, and the worker's time.
class PlacesTest : public testing::Test {
  protected:
    PlacesTest() { advance(1000); }

    Place& open(const std::string& address) {
        held_.emplace_back();
        places_.enter(held_.back());
        if (!address.empty()) places_.count(held_.back(), ip(address));
        return held_.back();
    }
    void advance(int seconds) {
        now_ += std::chrono::seconds(seconds);
        places_.set_now(now_);
    }
    Place* choose(const Place& newcomer, std::size_t limit) {
        return places_.choose(newcomer, limit, [&](const Place& place) {
            return &place != &newcomer && !busy_.contains(&place);
        });
    }

    Places places_;
    Clock::time_point now_{};
    std::deque<Place> held_;
    std::set<const Place*> busy_;
};

TEST_F(PlacesTest, AreScarceWhenFewerThanAQuarterIsFree) {
    for (int i = 0; i < 75; ++i) open("192.0.2.1");
    EXPECT_FALSE(places_.are_scarce(100));
    open("192.0.2.1");
    EXPECT_TRUE(places_.are_scarce(100));
    EXPECT_TRUE(places_.are_scarce(10));
}

TEST_F(PlacesTest, TheAddressThatHoldsTheMostLosesWhoSentNothingFirst) {
    Place& used = open("192.0.2.1");
    places_.used(used);
    Place& silent = open("192.0.2.1");
    Place& other = open("192.0.2.2");
    advance(10);
    Place& newcomer = open("192.0.2.3");
    EXPECT_EQ(choose(newcomer, 100), &silent);
    places_.leave(silent);
    EXPECT_EQ(choose(newcomer, 100), nullptr) << "nobody holds more than one, and places are free";
    EXPECT_TRUE(used.is_held() && other.is_held());
}

TEST_F(PlacesTest, OfThoseThatSentARequestTheLongestIdleIsFirst) {
    Place& first = open("192.0.2.1");
    Place& second = open("192.0.2.1");
    places_.used(second);
    advance(1);
    places_.used(first);
    Place& newcomer = open("192.0.2.3");
    EXPECT_EQ(choose(newcomer, 100), &second);
    advance(1);
    places_.used(second);
    EXPECT_EQ(choose(newcomer, 100), &first);
}

TEST_F(PlacesTest, WhoIsBusyStays) {
    for (int i = 0; i < 40; ++i) {
        Place& place = open("192.0.2.1");
        places_.used(place);
        busy_.insert(&place);
    }
    Place& idle = open("192.0.2.1");
    places_.used(idle);
    Place& newcomer = open("192.0.2.3");
    Place* chosen = nullptr;
    for (int looks = 0; looks < 3 && chosen == nullptr; ++looks) chosen = choose(newcomer, 100);
    EXPECT_EQ(chosen, &idle) << "each look gets further";
    busy_.insert(&idle);
    EXPECT_EQ(choose(newcomer, 100), nullptr);
}

TEST_F(PlacesTest, AnAddressWhoseConnectionsAreAllBusyHidesNobody) {
    for (int i = 0; i < 5; ++i) busy_.insert(&open("192.0.2.1"));
    Place& silent = open("192.0.2.2");
    open("192.0.2.2");
    advance(10);
    EXPECT_EQ(choose(open("192.0.2.3"), 100), &silent);
}

TEST_F(PlacesTest, WhoHasJustComeHasTimeForItsRequestWhileThereIsAPlaceLeft) {
    std::vector<Place*> used;
    for (int i = 0; i < 4; ++i) {
        used.push_back(&open("192.0.2.1"));
        places_.used(*used.back());
    }
    Place& fresh = open("192.0.2.1");
    Place& newcomer = open("192.0.2.3");
    EXPECT_EQ(choose(newcomer, 100), used.front());
    busy_.insert(used.begin(), used.end());
    EXPECT_EQ(choose(newcomer, 100), nullptr);
    EXPECT_EQ(choose(newcomer, 5), &fresh) << "no place is free";
    advance(2);
    EXPECT_EQ(choose(newcomer, 100), &fresh) << "it has said nothing for long";
}

TEST_F(PlacesTest, AFloodThatHasJustComeGoesBeforeWhoIdles) {
    places_.used(open("192.0.2.1"));
    Place& first = open("192.0.2.1");
    for (int i = 0; i < 5; ++i) open("192.0.2.1");
    EXPECT_EQ(choose(open("192.0.2.3"), 100), &first);
}

TEST_F(PlacesTest, WhoIdlesDoesNotPayForAFloodWhoseBytesAreYetToBeRead) {
    Place& idle = open("192.0.2.1");
    places_.used(idle);
    for (int i = 0; i < 5; ++i) busy_.insert(&open("192.0.2.1"));
    Place& other = open("192.0.2.3");
    EXPECT_EQ(choose(other, 100), nullptr);
    // Without a free place somebody has to go: another newcomer that has sent nothing, not who
    // idles.
    EXPECT_EQ(choose(open("192.0.2.4"), 6), &other);
}

TEST_F(PlacesTest, NobodyLosesAPlaceToAnAddressThatHoldsMore) {
    open("192.0.2.1");
    open("192.0.2.1");
    for (int i = 0; i < 3; ++i) busy_.insert(&open("192.0.2.3"));
    advance(10);
    Place& newcomer = open("192.0.2.3");
    EXPECT_EQ(choose(newcomer, 2), nullptr);
}

TEST_F(PlacesTest, WithoutAPlaceLeftEvenAnAddressWithOneLosesItToOneWithNone) {
    Place& longest = open("192.0.2.1");
    advance(5);
    open("192.0.2.2");
    advance(5);
    EXPECT_EQ(choose(open("192.0.2.3"), 2), &longest);
}

TEST_F(PlacesTest, AnIpv6NetworkOf64BitsIsOneAddress) {
    Place& first = open("2001:db8:0:1::1");
    open("2001:db8:0:1:ffff::2");
    open("2001:db8:0:2::1");
    advance(10);
    EXPECT_EQ(places_.most().held, 2U);
    EXPECT_EQ(auth::to_text(places_.most().address), "2001:db8:0:1::");
    EXPECT_EQ(choose(open("192.0.2.3"), 100), &first);
}

TEST_F(PlacesTest, WhatIsNotCountedIsNeverChosen) {
    for (int i = 0; i < 10; ++i) open("");
    advance(10);
    EXPECT_EQ(choose(open(""), 5), nullptr);
    EXPECT_EQ(places_.taken(), 11U);
    EXPECT_EQ(places_.most().held, 0U);
}

TEST_F(PlacesTest, CountsLikeAPlainMapWhateverComesAndGoes) {
    std::mt19937 random(4711);
    std::map<std::string, std::vector<Place*>> model;
    std::vector<std::pair<std::string, Place*>> open_now;
    for (int step = 0; step < 20'000; ++step) {
        if (step % 7 == 0) advance(1);
        // Grows, then shrinks.
        if (open_now.empty() || random() % 100 < (step < 10'000 ? 60U : 40U)) {
            const std::string address = "192.0." + std::to_string(random() % 4) + "." +
                                        std::to_string(random() % (1 + random() % 200));
            Place& place = open(address);
            model[address].push_back(&place);
            open_now.emplace_back(address, &place);
        } else {
            const std::size_t at = random() % open_now.size();
            auto [address, place] = open_now[at];
            if (random() % 3 == 0) {
                places_.used(*place);
                continue;
            }
            places_.leave(*place);
            std::erase(model[address], place);
            if (model[address].empty()) model.erase(address);
            open_now.erase(open_now.begin() + static_cast<std::ptrdiff_t>(at));
        }
        ASSERT_EQ(places_.taken(), open_now.size());
        if (step % 20 != 0) continue;
        std::size_t most = 0;
        for (const auto& [address, places] : model) most = std::max(most, places.size());
        ASSERT_EQ(places_.most().held, most);
        if (most == 0) continue;
        ASSERT_EQ(model[auth::to_text(places_.most().address)].size(), most);
    }
}

TEST_F(PlacesTest, ChoosesOfTheMostWhateverComesAndGoes) {
    std::mt19937 random(815);
    std::map<std::string, std::set<Place*>> model;
    for (int step = 0; step < 2'000; ++step) {
        advance(1);
        const std::string address = "192.0.2." + std::to_string(random() % 20);
        model[address].insert(&open(address));
        if (random() % 2 == 0) places_.used(**model[address].begin());
        Place newcomer;
        places_.enter(newcomer);
        advance(3);
        std::size_t most = 0;
        for (const auto& [name, places] : model) most = std::max(most, places.size());
        Place* chosen = choose(newcomer, 100'000);
        places_.leave(newcomer);
        ASSERT_EQ(chosen != nullptr, most >= 2);
        if (chosen == nullptr || random() % 3 != 0) continue;
        const auto owner = std::find_if(model.begin(), model.end(),
                                        [&](auto& entry) { return entry.second.contains(chosen); });
        ASSERT_NE(owner, model.end());
        ASSERT_EQ(owner->second.size(), most);
        const bool has_silent = std::any_of(owner->second.begin(), owner->second.end(),
                                            [](Place* place) { return !place->has_sent(); });
        ASSERT_EQ(chosen->has_sent(), !has_silent);
        places_.leave(*chosen);
        owner->second.erase(chosen);
    }
}

}  // namespace
}  // namespace kwikgate::gateway::net
