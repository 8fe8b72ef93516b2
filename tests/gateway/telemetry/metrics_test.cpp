#include "gateway/telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/telemetry/metrics_totals.hpp"
#include "gateway/telemetry/timings.hpp"

namespace kwikgate::gateway {
namespace {

using auth::Decision;
using auth::Phase;
using auth::Reason;
using std::chrono::microseconds;

constexpr SteadyTime kStart{std::chrono::hours(1)};

RequestContext answered(unsigned status) {
    RequestContext context;
    context.status = status;
    context.started_at = kStart;
    context.upstream_begun_at = kStart + microseconds(100);
    context.upstream_head_at = kStart + microseconds(700);
    return context;
}

RequestContext refused(Reason reason) {
    RequestContext context;
    context.decision = Decision::refuse(reason, Phase::authenticate);
    context.status = auth::row(reason).status;
    context.started_at = kStart;
    return context;
}

class MetricsTest : public testing::Test {
  protected:
    MetricsTest() : worker_(metrics_.add_worker()) {
        route_ = metrics_.routes.slot("GET", "/a");
        const auto upstream = metrics_.upstreams.slot("kwik", "");
        worker_.make_room(metrics_.routes.size(), metrics_.upstreams.size(), 0);
        upstream_ = &worker_.upstream(upstream);
    }
    void record(const RequestContext& context) {
        worker_.record(context, route_, upstream_, kStart + microseconds(1'000));
    }

    Metrics metrics_;
    WorkerMetrics& worker_;
    std::uint32_t route_ = 0;
    UpstreamCounters* upstream_ = nullptr;
};

TEST_F(MetricsTest, CountsAnAnswerByTheClassOfItsStatus) {
    record(answered(200));
    record(answered(204));
    record(answered(404));
    record(answered(0));
    record(answered(999));
    EXPECT_THAT(total(metrics_).routes.at(route_).answered, testing::ElementsAre(1, 0, 2, 0, 1, 1));
}

TEST_F(MetricsTest, CountsARefusalByItsReasonAndNotAsAnAnswer) {
    record(refused(Reason::credential_invalid));
    record(refused(Reason::credential_invalid));
    const RouteTotals route = total(metrics_).routes.at(route_);
    EXPECT_EQ(route.refused[static_cast<std::size_t>(Reason::credential_invalid)], 2U);
    EXPECT_THAT(route.answered, testing::Each(0U));
    EXPECT_EQ(route.duration.count(), 2U);
}

TEST_F(MetricsTest, CountsABrokenAnswerByItsReasonThoughItsStatusWasGood) {
    RequestContext context = answered(200);
    context.decision = Decision::refuse(Reason::upstream_reset, Phase::deliver);
    context.termination = Termination::upstream_aborted;
    record(context);
    const MetricsTotals totals = total(metrics_);
    EXPECT_EQ(totals.routes.at(route_).refused[static_cast<std::size_t>(Reason::upstream_reset)],
              1U);
    EXPECT_THAT(totals.routes.at(route_).answered, testing::Each(0U));
    EXPECT_THAT(totals.terminations, testing::ElementsAre(0, 0, 0, 0, 1));
}

TEST_F(MetricsTest, SplitsTheTimeBetweenGatewayAndUpstream) {
    record(answered(200));
    const MetricsTotals totals = total(metrics_);
    EXPECT_EQ(totals.routes.at(route_).duration.sum_us, 1'000U);
    EXPECT_EQ(totals.gateway_duration.sum_us, 400U);
    EXPECT_EQ(totals.upstreams.at(0).duration.sum_us, 600U);
    EXPECT_EQ(totals.upstreams.at(0).name, "kwik");
}

TEST_F(MetricsTest, CountsNoUpstreamTimeWhereNoByteWasSent) {
    RequestContext context = refused(Reason::upstream_unreachable);
    context.attempts = 3;
    record(context);
    const UpstreamTotals upstream = total(metrics_).upstreams.at(0);
    EXPECT_EQ(upstream.duration.count(), 0U);
    EXPECT_EQ(upstream.retries, 2U);
}

TEST_F(MetricsTest, CountsSchemesOfAuthenticatedRequestsOnly) {
    RequestContext context = answered(200);
    context.principal.scheme = auth::Scheme::signature;
    record(context);
    context.is_authenticated = true;
    record(context);
    EXPECT_THAT(total(metrics_).authenticated, testing::ElementsAre(0, 1, 0));
}

TEST_F(MetricsTest, AddsUpAllWorkers) {
    WorkerMetrics& other = metrics_.add_worker();
    other.make_room(metrics_.routes.size(), metrics_.upstreams.size(), 0);
    record(answered(200));
    other.record(answered(200), route_, nullptr, kStart);
    other.connections_open.set(3);
    worker_.connections_open.set(4);
    const MetricsTotals totals = total(metrics_);
    EXPECT_EQ(totals.workers, 2U);
    EXPECT_EQ(totals.routes.at(route_).answered[2], 2U);
    EXPECT_EQ(totals.connections_open, 7U);
}

TEST_F(MetricsTest, ReadsAWorkerThatHasNoRoomYetForANewRoute) {
    for (int i = 0; i < 100; ++i) metrics_.routes.slot("GET", "/" + std::to_string(i));
    record(answered(200));
    EXPECT_EQ(total(metrics_).routes.size(), 102U);
}

TEST(Timings, GiveAnUpstreamThatNeverAnsweredTheTimeUntilTheEnd) {
    RequestContext context = answered(504);
    context.upstream_head_at = {};
    const Timings timings = timings_of(context, kStart + microseconds(60'000'100));
    EXPECT_EQ(timings.total_us, 60'000'100U);
    EXPECT_EQ(timings.upstream_us, 60'000'000U);
    EXPECT_EQ(timings.gateway_us, 100U);
}

TEST(Timings, GiveARefusedRequestToTheGateway) {
    const Timings timings = timings_of(refused(Reason::route_unknown), kStart + microseconds(50));
    EXPECT_EQ(timings.total_us, 50U);
    EXPECT_EQ(timings.gateway_us, 50U);
    EXPECT_EQ(timings.upstream_us, 0U);
}

}  // namespace
}  // namespace kwikgate::gateway
