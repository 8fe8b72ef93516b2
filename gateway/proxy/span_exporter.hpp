#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/http/request_id.hpp"
#include "gateway/net/deadline.hpp"
#include "gateway/proxy/collector.hpp"
#include "gateway/proxy/own_request.hpp"
#include "gateway/telemetry/span_queue.hpp"

namespace kwikgate::gateway::proxy {

/// Sends what waits in the queue to the collector, in batches, from a thread of its own that is
/// there only once tracing is. A batch that was not taken is tried again a few times, later each
/// time; meanwhile the queue fills and drops. No request ever waits for it.
class SpanExporter {
  public:
    /// What the end of the process waits for spans at most.
    static constexpr std::chrono::seconds kTimeToFlush{5};

    SpanExporter(SpanQueue& queue, SpanCounters& counters);
    SpanExporter(const SpanExporter&) = delete;
    SpanExporter& operator=(const SpanExporter&) = delete;
    ~SpanExporter();  // NOLINT(bugprone-exception-escape)

    // **Threads**: the main one.
    /// From now on spans go there; null: nowhere.
    void use(std::shared_ptr<const Collector> collector);
    /// Sends what waits, each batch once, for `kTimeToFlush` at most, and ends the thread.
    void finish();

  private:
    using TimePoint = net::Clock::time_point;
    void take_over(std::shared_ptr<const Collector> collector);
    void tick();
    void go_on(TimePoint now);
    void take_batch(TimePoint now);
    void send(TimePoint now);
    void on_answer(const OwnRequest::Answer& answer);
    void accepted(std::string_view body);
    void failed(const OwnRequest::Answer& answer);
    void tell_failure(std::string_view why);
    void drop_batch(SpanDrop why);
    bool is_flushed() const { return batch_.empty() && queue_.size() == 0; }
    void end();

    SpanQueue& queue_;
    SpanCounters& counters_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context_.get_executor()};
    boost::asio::steady_timer timer_{context_};
    net::DeadlineWheel wheel_;
    OwnRequest request_{context_, wheel_, [this](const auto& answer) { on_answer(answer); }};
    http::IdSource random_;

    std::shared_ptr<const Collector> collector_;
    std::shared_ptr<const Collector> asked_;  ///< Whom the request under way goes to; else null.
    AddressList addresses_;
    std::uint32_t addresses_version_ = 0;
    std::size_t address_at_ = 0;

    std::vector<SpanRecord> batch_;
    std::string body_;  ///< Of the batch.
    unsigned tries_ = 0;
    TimePoint batch_due_{};
    TimePoint retry_at_{};
    TimePoint next_warning_{};
    bool is_reported_ = false;  ///< The log says that it cannot be reached.
    bool is_ending_ = false;
    TimePoint end_at_{};
    std::thread thread_;
};

}  // namespace kwikgate::gateway::proxy
