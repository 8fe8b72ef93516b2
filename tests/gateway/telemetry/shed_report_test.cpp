#include "gateway/telemetry/shed_report.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kwikgate::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ShedReportTest : public testing::Test {
  protected:
    ShedReportTest() : first_(metrics_.add_worker()), second_(metrics_.add_worker()) {
        first_.make_room(1, 0, 0);
    }
    /// For so long every worker is as it was set.
    void wait(milliseconds time) {
        for (const auto end = now_ + time; now_ < end; now_ += ShedReport::kLookEvery)
            if (auto line = report_.look(now_); !line.empty()) lines_.push_back(line);
    }
    static void set(WorkerMetrics& worker, std::uint64_t ppm, milliseconds delay) {
        worker.shed_ppm.set(ppm);
        worker.delay_us.set(static_cast<std::uint64_t>(delay.count()) * 1000);
    }
    void refuse(int requests) {
        RequestContext context;
        context.decision = auth::Decision::refuse(auth::Reason::overloaded, auth::Phase::framing);
        for (int i = 0; i < requests; ++i)
            first_.record(context, Metrics::kNoRoute, nullptr, SteadyTime{});
    }

    Metrics metrics_;
    WorkerMetrics& first_;
    WorkerMetrics& second_;
    ShedReport report_{metrics_};
    SteadyTime now_{};
    std::vector<std::string> lines_;
};

TEST_F(ShedReportTest, SaysNothingOfWorkersThatKeepUp) {
    set(first_, 0, milliseconds{200});
    wait(seconds{100});
    EXPECT_TRUE(lines_.empty());
}

TEST_F(ShedReportTest, TellsTheBeginAtOnceAndTheEndWithWhatItCost) {
    refuse(3);  // Before: not by shedding.
    wait(milliseconds{1});
    set(first_, 250'000, milliseconds{400});
    set(second_, 500'000, milliseconds{1200});
    wait(milliseconds{1});
    ASSERT_EQ(lines_.size(), 1U);
    refuse(2);
    EXPECT_EQ(lines_[0],
              "2 workers are 1200 ms late: a share of new requests is shed (503 overloaded)");
    refuse(40);
    set(first_, 0, milliseconds{0});
    wait(seconds{20});
    EXPECT_EQ(lines_.size(), 1U) << "one sheds still";
    set(second_, 0, milliseconds{0});
    wait(seconds{20});
    ASSERT_EQ(lines_.size(), 2U);
    EXPECT_EQ(lines_[1],
              "all workers keep up again: 42 requests were answered 503 overloaded in 20 s");
}

TEST_F(ShedReportTest, WorkersOnTheEdgeDoNotFillTheLog) {
    const auto begin = now_;
    for (int i = 0; i < 100; ++i) {
        set(first_, 250'000, milliseconds{400});
        wait(seconds{1});
        set(first_, 0, milliseconds{0});
        wait(seconds{2});
    }
    const auto most = (now_ - begin) / ShedReport::kLeastBetween + 1;
    EXPECT_LE(static_cast<std::int64_t>(lines_.size()), most);
    wait(seconds{20});
    ASSERT_FALSE(lines_.empty());
    EXPECT_TRUE(lines_.back().starts_with("all workers keep up again")) << lines_.back();
}

}  // namespace
}  // namespace kwikgate::gateway
