#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/master_key.hpp"
#include "gateway/admin/server.hpp"
#include "gateway/net/inherited_sockets.hpp"
#include "gateway/net/supervisor.hpp"
#include "gateway/net/watchdog.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/health_monitor.hpp"
#include "gateway/proxy/name_refresher.hpp"
#include "gateway/proxy/span_exporter.hpp"
#include "gateway/telemetry/shed_report.hpp"
#include "store/serve_lock.hpp"

namespace kwikgate::gateway {

/// What the supervisor is told while requests are taken.
inline constexpr const char* kServing = "serving";

/// Listening sockets by worker, closed again unless the workers get them.
class NewSockets {
  public:
    explicit NewSockets(std::size_t workers) : by_worker_(workers) {}
    NewSockets(const NewSockets&) = delete;
    NewSockets& operator=(const NewSockets&) = delete;
    ~NewSockets();
    std::vector<std::vector<ListeningSocket>>& by_worker() { return by_worker_; }
    std::vector<ListeningSocket> take(std::size_t worker);

  private:
    std::vector<std::vector<ListeningSocket>> by_worker_;
};

/// The running gateway: everything that lives as long as the process serves. `reload` is in
/// gateway/reload.cpp, the wait for the store in gateway/serving_turn.cpp.
/// **Threads**: one, the main one; what others read of it says so.
class App {
  public:
    App(const Config& config, unsigned workers, store::Store store, auth::MasterKey master_key,
        const net::Supervisor& supervisor, net::InheritedSockets inherited);

    /// Opens all that can fail and starts the workers. Waits while another gateway serves from the
    /// store. Returns empty, or one line.
    std::string start();
    /// Told to end while it waited: there is nothing to run.
    bool has_ended() const { return is_told_to_end_; }
    /// Until it has drained.
    void run();

  private:
    void note_loaded();
    void redact(std::string_view sent, CaptureEntry& entry);
    void watch_upstreams();
    void watch_workers_for_supervisor();
    std::string start_admin();
    void note_certificates();
    std::string wait_for_turn();
    void look_for_turn(std::chrono::steady_clock::time_point until, std::string& error);
    void await_signal_while_waiting();
    std::string register_sections(Runtime& runtime);
    admin::ReloadOutcome reload(const std::string& actor = {});
    std::string try_reload(const Config& next, const std::string& actor);
    std::string write_reload(const Config& next, const std::string& actor, Runtime& built);
    std::string open_new_listeners(const Runtime& next, NewSockets& sockets) const;
    std::string prepare_files(const Config& next);
    void tell_ended_listeners(const Config& next) const;
    std::shared_ptr<const Runtime> current_runtime() const;
    void adopt(std::shared_ptr<const Runtime> runtime);
    void await_signal();
    void drain();
    void watch_workers();
    void report_shedding();
    SharedServices services() {
        return {store_,         master_key_, limits_,  access_log_,
                debug_capture_, usage_,      metrics_, spans_};
    }

    Config config_;
    unsigned worker_count_;
    const net::Supervisor& supervisor_;
    net::InheritedSockets inherited_;
    store::Store store_;
    std::optional<store::ServeLock> serve_lock_;
    auth::MasterKey master_key_;
    SharedLimits limits_;
    AccessLog access_log_;
    DebugCapture debug_capture_{[this](auto work) { boost::asio::post(context_, std::move(work)); },
                                [this](auto sent, auto& entry) { redact(sent, entry); }};
    UsageWriter usage_;
    Metrics metrics_;
    SpanQueue spans_{metrics_.spans};
    mutable std::mutex runtime_mutex_;  ///< The admin thread reads `runtime_`.
    std::shared_ptr<const Runtime> runtime_;
    std::vector<std::unique_ptr<Worker>> workers_;
    proxy::HealthMonitor health_;
    proxy::NameRefresher names_;
    std::shared_ptr<const proxy::Collector> collector_;
    proxy::SpanExporter exporter_{spans_, metrics_.spans};
    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_{context_, SIGTERM, SIGINT, SIGHUP};
    boost::asio::steady_timer timer_{context_};
    ShedReport shed_report_{metrics_};
    boost::asio::steady_timer shed_timer_{context_};
    bool is_draining_ = false;
    bool is_told_to_end_ = false;
    bool is_reload_wanted_ = false;  ///< By a SIGHUP that came while it waited.
    admin::Server admin_;
    AdminCounters health_counters_;
    admin::Server health_listener_;  ///< Probes and scrapes alone.
    net::Watchdog watchdog_{supervisor_};
};

}  // namespace kwikgate::gateway
