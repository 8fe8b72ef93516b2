#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "auth/master_key.hpp"
#include "gateway/http/date_text.hpp"
#include "gateway/http/json_check.hpp"
#include "gateway/http/message.hpp"
#include "gateway/http/request_id.hpp"
#include "gateway/net/buffer_pool.hpp"
#include "gateway/net/connection.hpp"
#include "gateway/net/deadline.hpp"
#include "gateway/net/listener.hpp"
#include "gateway/net/load_shedder.hpp"
#include "gateway/net/places.hpp"
#include "gateway/net/request_queue.hpp"
#include "gateway/net/watchdog.hpp"
#include "gateway/pipeline/pipeline.hpp"
#include "gateway/pipeline/runtime.hpp"
#include "gateway/proxy/exchange.hpp"
#include "gateway/proxy/upstream_pool.hpp"
#include "gateway/telemetry/access_log.hpp"
#include "gateway/telemetry/debug_capture.hpp"
#include "gateway/telemetry/metrics.hpp"
#include "gateway/telemetry/span_queue.hpp"
#include "gateway/telemetry/usage_recorder.hpp"
#include "gateway/telemetry/warn_limit.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway {

/// What all workers share. Everything in it is immutable, atomic or used in bulk, off the path of a
/// request.
struct SharedServices {
    store::Store& store;
    const auth::MasterKey& master_key;
    SharedLimits& limits;
    AccessLog& access_log;
    DebugCapture& debug_capture;
    UsageWriter& usage;
    Metrics& metrics;
    SpanQueue& spans;
};

/// A configuration as one worker uses it: the shared, immutable part and this worker's connections
/// to its upstreams. Counts its users without atomics; a replaced one goes when the last is done.
struct WorkerRuntime final : UpstreamShares {
    std::shared_ptr<const Runtime> runtime;
    std::vector<std::unique_ptr<proxy::UpstreamPool>> pools;
    std::vector<std::uint32_t> route_slots;  ///< Where a route is counted, by its index.
    std::size_t users = 0;
    void release() { --users; }
    bool is_unused() const;
    bool is_used_up(int upstream, store::TokenNumber token) const override;
};

/// One thread with its event loop, listeners, connections, upstream pools and pipeline. Nothing of
/// it is touched by another thread but `post`. **Threads**: see each member.
class Worker {
  public:
    Worker(const SharedServices& services, std::shared_ptr<const Runtime> runtime);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    // Called by the main thread.
    /// Starts the thread. `listeners` are listening descriptors, owned from here on.
    void start(std::vector<ListeningSocket> listeners);
    /// Takes another configuration into use, from the next request on.
    void adopt(std::shared_ptr<const Runtime> runtime, std::vector<ListeningSocket> listeners);
    /// Stops accepting and ends when the last request is done, or at the drain deadline.
    void drain();
    void join();
    bool has_ended() const { return turns_.load() == net::Watchdog::kEnded; }
    /// How often its loop turned. **Threads**: any.
    const net::Watchdog::Turns& turns() const { return turns_; }

    // Called by what runs in its loop.
    boost::asio::io_context& context() { return context_; }
    net::DeadlineWheel& deadlines() { return deadlines_; }
    net::RequestQueue& requests() { return requests_; }
    net::BufferPool& head_buffers() { return head_buffers_; }
    net::BufferPool& relay_buffers() { return relay_buffers_; }
    net::BufferPool& held_buffers() { return held_buffers_; }
    /// For bytes that nobody will look at.
    std::span<char> scratch() { return scratch_; }
    const TimeoutsConfig& timeouts() const { return current_->runtime->config.timeouts; }
    const LimitsConfig& limits() const { return current_->runtime->config.limits; }
    const http::HeadLimits& head_limits() const { return head_limits_; }
    const http::HeadLimits& response_head_limits() const { return response_head_limits_; }
    Pipeline& pipeline() { return pipeline_; }
    http::JsonCheck& json_check() { return json_check_; }
    http::IdSource& ids() { return ids_; }
    http::DateText& date_text() { return date_text_; }
    UsageRecorder& usage() { return usage_; }
    AccessLogBuffer& access_log() { return access_log_; }
    SpanBuffer& spans() { return spans_; }
    DebugCapture& debug_capture() { return services_.debug_capture; }
    WorkerMetrics& metrics() { return metrics_; }
    /// For warnings about PROXY headers, which anybody who reaches the port provokes.
    WarnLimit& proxy_header_warnings() { return proxy_header_warnings_; }
    bool is_draining() const { return is_draining_; }
    /// True when this request is one too many: asked once for each.
    bool sheds() { return shedder_.sheds(); }

    WorkerRuntime* lease_runtime();
    Exchange* take_exchange();
    void give_back(Exchange* exchange);
    /// For a listener that opens; it lives until the last connection that came through it ended.
    net::CurrentListener& add_current(std::shared_ptr<const net::ListenerSettings> settings);
    /// A connection accepted by one of its listeners.
    void accept(int descriptor, const sockaddr_storage& peer, net::CurrentListener& listener);
    /// False at the cap: a connection more would take another's place, or be answered 503.
    bool has_room() const { return places_.taken() < limits().connections_per_worker; }
    /// Gives a connection that begins its place. When places are scarce, one of the address that
    /// holds the most loses its own. `is_counted`: the peer's address stands for one client. False:
    /// there is no place for it.
    bool admit(net::Connection& connection, bool is_counted);
    /// Counts it for its peer's address; false: that has `limits.connections_per_address` already.
    bool count_address(net::Connection& connection);
    net::Places& places() { return places_; }
    void give_back(net::Connection& connection);
    bool keeps_alive(const net::Connection& connection) const;
    /// How long a connection may wait for its next request.
    std::chrono::milliseconds idle_time(const net::Connection& connection) const;
    /// What Retry-After says for a refusal, in seconds.
    std::uint32_t retry_after(const RequestContext& context) const;

  private:
    void run();
    void tick();
    void use(std::shared_ptr<const Runtime> runtime);
    // worker_metrics.cpp
    void make_counters(WorkerRuntime& runtime);
    proxy::PoolCounters pool_counters(const proxy::Upstream& upstream);
    static void clear_levels(const WorkerRuntime& replaced);
    void publish_levels();
    // worker_connections.cpp
    void reconcile_listeners(std::vector<ListeningSocket> added);
    void end_connections_of_ended();
    void forget_ended();
    void make_room(const net::Connection& newcomer);
    void report_shed(net::Clock::time_point now);
    void begin_drain();
    void end_when_idle();
    void probe_connections();
    void wind_down();

    SharedServices services_;
    boost::asio::io_context context_{1};
    boost::asio::steady_timer timer_{context_};
    net::DeadlineWheel deadlines_;
    net::RequestQueue requests_;
    net::BufferPool head_buffers_;
    net::BufferPool relay_buffers_;
    net::BufferPool held_buffers_;
    std::array<char, 16 * 1024> scratch_;
    http::HeadLimits head_limits_;
    http::HeadLimits response_head_limits_;
    store::Reader reader_;
    auth::Sealer sealer_;
    Pipeline pipeline_;
    http::JsonCheck json_check_;
    http::IdSource ids_;
    http::DateText date_text_;
    UsageRecorder usage_;
    AccessLogBuffer access_log_;
    SpanBuffer spans_;
    WorkerMetrics& metrics_;
    WarnLimit proxy_header_warnings_;
    net::LoadShedder shedder_;

    std::unique_ptr<WorkerRuntime> current_;
    std::vector<std::unique_ptr<WorkerRuntime>> retired_;
    std::vector<std::unique_ptr<net::CurrentListener>> currents_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::vector<std::unique_ptr<net::Connection>> connections_;
    std::vector<net::Connection*> spare_connections_;
    std::vector<std::unique_ptr<Exchange>> exchanges_;
    std::vector<Exchange*> spare_exchanges_;
    net::Places places_;
    std::size_t open_connections_ = 0;
    std::uint64_t told_silent_ = 0, told_idle_ = 0;  ///< Shed when the log was told last.
    net::Clock::time_point shed_told_at_{};
    std::size_t probe_at_ = 0;
    net::Clock::time_point tick_due_{};
    net::Clock::time_point usage_due_{};
    net::Clock::time_point drain_until_{};
    bool is_draining_ = false;
    bool is_cutting_ = false;
    net::Watchdog::Turns turns_{0};
    std::thread thread_;
};

}  // namespace kwikgate::gateway
