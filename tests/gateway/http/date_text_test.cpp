#include "gateway/http/date_text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace kwikgate::gateway::http {
namespace {

std::string text_at(DateText& text, std::int64_t milliseconds) {
    return std::string(text.at(store::Timestamp(std::chrono::milliseconds(milliseconds))));
}

TEST(DateText, IsThatOfTheRfc) {
    DateText text;
    EXPECT_EQ(text_at(text, 784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(text_at(text, 784'111'777'999), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(text_at(text, 784'111'778'000), "Sun, 06 Nov 1994 08:49:38 GMT");
    EXPECT_EQ(text_at(text, 0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(text_at(text, 951'782'400'000), "Tue, 29 Feb 2000 00:00:00 GMT");
    EXPECT_EQ(text_at(text, 1'798'761'599'000), "Thu, 31 Dec 2026 23:59:59 GMT");
}

TEST(DateText, FollowsAClockThatIsSetBack) {
    DateText text;
    EXPECT_EQ(text_at(text, 784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(text_at(text, 784'111'776'000), "Sun, 06 Nov 1994 08:49:36 GMT");
}

}  // namespace
}  // namespace kwikgate::gateway::http
