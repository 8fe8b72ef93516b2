#include "gateway/http/request_id.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace kwikgate::gateway::http {
namespace {

using namespace std::string_view_literals;

TEST(RequestId, KeepsAnAcceptableId) {
    IdSource source;
    RequestId id;
    const std::string longest(64, 'x');
    for (const std::string_view sent : {"a"sv, "Az09._-"sv, std::string_view{longest}}) {
        assign_request_id(sent, source, id);
        EXPECT_EQ(id.view(), sent);
    }
}

TEST(RequestId, ReplacesEverythingElse) {
    IdSource source;
    const std::string too_long(65, 'x');
    for (const std::string_view sent :
         {""sv, "a b"sv, "a\r\nb"sv, "a/b"sv, "{}"sv, "\xc3\xa9"sv, "a\0"sv, "a,b"sv, "\"a\""sv,
          std::string_view{too_long}, "kwk_live_ak_0123456789abcdefghijkl"sv,
          "a-kwk_test_sk_x"sv}) {
        RequestId id;
        assign_request_id(sent, source, id);
        EXPECT_EQ(id.view().size(), 32U);
        EXPECT_EQ(id.view().find_first_not_of("0123456789abcdef"), std::string_view::npos);
    }
}

TEST(RequestId, NeverRepeatsInAHundredThousand) {
    IdSource source;
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 100'000; ++i) seen.insert(source.next());
    EXPECT_EQ(seen.size(), 100'000U);
}

TEST(RequestId, SeedsEverySourceDifferently) {
    EXPECT_NE(IdSource{}.next(), IdSource{}.next());
}

TEST(RequestId, IsNotStuckWithAnEmptySeed) {
    IdSource source{std::array<std::uint64_t, 4>{}};
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 100; ++i) seen.insert(source.next());
    EXPECT_GT(seen.size(), 90U);
}

TEST(RequestId, WritesSixteenDigits) {
    std::array<char, 16> out{};
    write_hex(0x0123456789abcdefU, out.data());
    EXPECT_EQ((std::string_view{out.data(), out.size()}), "0123456789abcdef");
}

}  // namespace
}  // namespace kwikgate::gateway::http
