#include "gateway/telemetry/metrics_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "gateway/telemetry/metric_catalogue.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string_view kind_name(MetricKind kind) {
    if (kind == MetricKind::counter) return "counter";
    return kind == MetricKind::gauge ? "gauge" : "histogram";
}

class MetricsTextTest : public auth::TokenFixture {
  protected:
    MetricsTextTest() : worker_(metrics_.add_worker()) {
        metrics_.routes.slot("GET", "/2.0/customers/{id}");
        metrics_.upstreams.slot("kwik", "");
        metrics_.servers.slot("kwik", "127.0.0.1:9000");
        worker_.make_room(2, 1, 1);
    }
    std::string text() { return metrics_text({metrics_, store_, replay_, access_log_, usage_}); }

    Metrics metrics_;
    WorkerMetrics& worker_;
    auth::ReplayGuard replay_{1000, std::chrono::minutes(5)};
    AccessLog access_log_;
    UsageWriter usage_{store_};
};

TEST_F(MetricsTextTest, HasEveryMetricOfTheCatalogueWithItsKindAndNoOther) {
    RequestContext context;
    context.status = 200;
    worker_.record(context, 1, nullptr, {});
    const std::string all = text();
    std::set<std::string> expected;
    for (const MetricInfo& info : metric_catalogue())
        expected.insert("# TYPE " + std::string(info.name) + " " +
                        std::string(kind_name(info.kind)));
    std::set<std::string> found;
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("# TYPE ")) found.insert(line);
    EXPECT_EQ(found, expected);
    for (const MetricInfo& info : metric_catalogue()) {
        EXPECT_THAT(all, HasSubstr("\n" + std::string(info.name))) << "no sample";
        EXPECT_THAT(all,
                    HasSubstr("# HELP " + std::string(info.name) + " " + std::string(info.help)));
    }
}

TEST_F(MetricsTextTest, NamesRouteReasonAndClass) {
    RequestContext context;
    context.status = 200;
    worker_.record(context, 1, nullptr, {});
    context.decision = auth::Decision::refuse(auth::Reason::nonce_replayed, auth::Phase::replay);
    worker_.record(context, 1, nullptr, {});
    context.decision = auth::Decision::refuse(auth::Reason::route_unknown, auth::Phase::route);
    worker_.record(context, Metrics::kNoRoute, nullptr, {});
    const std::string all = text();
    EXPECT_THAT(all,
                HasSubstr("kwikgate_requests_total{method=\"GET\",route=\"/2.0/customers/{id}\","
                          "reason=\"none\",status_class=\"2xx\"} 1\n"));
    EXPECT_THAT(all, HasSubstr("reason=\"nonce_replayed\",status_class=\"4xx\"} 1\n"));
    EXPECT_THAT(all, HasSubstr("kwikgate_requests_total{method=\"none\",route=\"none\","
                               "reason=\"route_unknown\",status_class=\"4xx\"} 1\n"));
    EXPECT_THAT(all, Not(HasSubstr("store_unavailable"))) << "what never was takes no room";
}

TEST_F(MetricsTextTest, WritesHistogramsAsPrometheusReadsThem) {
    RequestContext context;
    context.started_at = SteadyTime(std::chrono::hours(1));
    worker_.record(context, 1, nullptr, context.started_at + std::chrono::microseconds(150));
    worker_.record(context, 1, nullptr, context.started_at + std::chrono::minutes(2));
    const std::string all = text();
    const std::string name = "kwikgate_gateway_duration_seconds";
    EXPECT_THAT(all, HasSubstr(name + "_bucket{le=\"0.0001\"} 0\n"));
    EXPECT_THAT(all, HasSubstr(name + "_bucket{le=\"0.0002\"} 1\n"));
    EXPECT_THAT(all, HasSubstr(name + "_bucket{le=\"50\"} 1\n"));
    EXPECT_THAT(all, HasSubstr(name + "_bucket{le=\"+Inf\"} 2\n"));
    EXPECT_THAT(all, HasSubstr(name + "_count 2\n"));
    EXPECT_THAT(all, HasSubstr(name + "_sum 120.00015"));
}

TEST_F(MetricsTextTest, TellsTheStoreAndTheProcess) {
    create(spec());
    const std::string all = text();
    EXPECT_THAT(all, HasSubstr("kwikgate_store_up 1\n"));
    EXPECT_THAT(all, HasSubstr("kwikgate_store_tokens 1\n"));
    EXPECT_THAT(all, HasSubstr("kwikgate_build_info{version=\"" KWIKGATE_VERSION "\"} 1\n"));
    EXPECT_THAT(all, Not(HasSubstr("process_start_time_seconds 0\n")));
    EXPECT_THAT(all, Not(HasSubstr("process_resident_memory_bytes 0\n")));
    EXPECT_THAT(all, Not(HasSubstr("process_open_fds 0\n")));
}

}  // namespace
}  // namespace kwikgate::gateway
