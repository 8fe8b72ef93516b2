#include "bench/load/mix.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace kwikgate::bench {
namespace {

Mix parse(std::string_view text) {
    std::string error;
    auto mix = Mix::parse(text, error);
    if (!mix) throw std::runtime_error(error);
    return *mix;
}

TEST(Mix, DealsSharesToWithinOneRequestAtAnyTime) {
    constexpr std::array<std::pair<Kind, int>, 4> kShares = {
        {{Kind::read, 70}, {Kind::write, 20}, {Kind::bad, 7}, {Kind::revoked, 3}}};
    Mix mix = parse("read=70,write=20,bad=7,revoked=3");
    std::array<int, kKindCount> dealt{};
    for (int n = 1; n <= 1000; ++n) {
        ++dealt[static_cast<std::size_t>(mix.next())];
        for (const auto& [kind, share] : kShares) {
            const double due = share / 100.0 * n;
            ASSERT_LE(std::abs(dealt[static_cast<std::size_t>(kind)] - due), 1.0)
                << n << " " << to_token(kind);
        }
    }
}

TEST(Mix, DealsOneKindAlone) {
    Mix mix = parse("basic_read");
    for (int i = 0; i < 10; ++i) EXPECT_EQ(mix.next(), Kind::basic_read);
    EXPECT_TRUE(mix.contains(Kind::basic_read));
    EXPECT_FALSE(mix.contains(Kind::read));
}

TEST(Mix, RefusesWhatIsNoListOfShares) {
    for (const char* text : {"", "reed=1", "read=0", "read=-1", "read=x", "read=1x",
                             "read=", "read=1,read=2", "read=1,,bad=1", "=1", "read=99999999999"}) {
        std::string error;
        EXPECT_FALSE(Mix::parse(text, error)) << text;
        EXPECT_FALSE(error.empty()) << text;
    }
}

TEST(Mix, KnowsWhichKindsAreToBeRefused) {
    for (const Kind kind : {Kind::read, Kind::write, Kind::basic_read, Kind::basic_write})
        EXPECT_FALSE(is_to_be_refused(kind)) << to_token(kind);
    for (const Kind kind : {Kind::bad, Kind::replayed, Kind::revoked, Kind::anonymous})
        EXPECT_TRUE(is_to_be_refused(kind)) << to_token(kind);
}

}  // namespace
}  // namespace kwikgate::bench
