#include "bench/load/measurements.hpp"

#include <gtest/gtest.h>

#include "bench/load/report.hpp"

namespace kwikgate::bench {
namespace {

TEST(Measurements, CallsAnAnswerUnexpectedInBothDirections) {
    Measurements measured;
    EXPECT_TRUE(measured.count(Kind::read, 200, ""));
    EXPECT_TRUE(measured.count(Kind::bad, 401, "credential_invalid"));
    EXPECT_TRUE(measured.count(Kind::revoked, 403, "token_disabled"));
    EXPECT_EQ(measured.errors(), 0U);
    EXPECT_FALSE(measured.count(Kind::read, 503, "overloaded"));
    EXPECT_FALSE(measured.count(Kind::bad, 200, ""));
    EXPECT_FALSE(measured.count(Kind::anonymous, 502, "upstream_reset"));
    EXPECT_EQ(measured.unexpected, 3U);
    EXPECT_EQ(measured.answered, 6U);
}

TEST(Measurements, MergesCountsByKindAndReason) {
    Measurements one;
    Measurements other;
    one.count(Kind::replayed, 401, "nonce_replayed");
    other.count(Kind::replayed, 401, "nonce_replayed");
    other.timed_out = 2;
    other.broken = 3;
    one.merge(other);
    EXPECT_EQ(
        one.kinds[static_cast<std::size_t>(Kind::replayed)].answers.at({401, "nonce_replayed"}),
        2U);
    EXPECT_EQ(one.errors(), 5U);
}

TEST(Report, TellsReasonsInTextAndJson) {
    Measurements measured;
    measured.count(Kind::bad, 401, "credential_invalid");
    measured.latency.record(20'000);
    measured.served_latency.record(30'000);
    measured.seconds = 1;
    EXPECT_NE(json_report(measured).find(R"("served_latency_us":{"mean":30.00,)"),
              std::string::npos);
    EXPECT_NE(text_report(measured).find("credential_invalid"), std::string::npos);
    EXPECT_NE(json_report(measured).find(
                  R"({"kind":"bad","status":401,"reason":"credential_invalid","count":1})"),
              std::string::npos);
    EXPECT_NE(svg_report(measured, "a < b").find("a &lt; b"), std::string::npos);
}

}  // namespace
}  // namespace kwikgate::bench
