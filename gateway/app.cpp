#include "gateway/app.hpp"

#include <unistd.h>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <mutex>
#include <thread>
#include <vector>

#include "auth/token_service.hpp"
#include "gateway/admin/server.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/restart_only.hpp"
#include "gateway/net/inherited_sockets.hpp"
#include "gateway/net/ring.hpp"
#include "gateway/net/supervisor.hpp"
#include "gateway/net/watchdog.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/pipeline/replay_state.hpp"
#include "gateway/proxy/health_monitor.hpp"
#include "gateway/proxy/name_refresher.hpp"
#include "gateway/proxy/span_exporter.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/telemetry/redaction.hpp"
#include "gateway/telemetry/shed_report.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway {
namespace {

namespace asio = boost::asio;

const std::string kServing = "serving";
/// What the end takes beyond the drain: spans, logs, the replay state.
constexpr std::chrono::seconds kTimeToEnd{20};

std::chrono::milliseconds replay_window(const Config& config) {
    return config.signature.max_age + config.signature.max_ahead;
}

/// The running gateway: everything that lives as long as the process serves.
class App {
  public:
    App(const Config& config, unsigned workers, store::Store store, auth::MasterKey master_key,
        const net::Supervisor& supervisor, net::InheritedSockets inherited)
        : config_(config),
          worker_count_(workers),
          supervisor_(supervisor),
          inherited_(std::move(inherited)),
          store_(std::move(store)),
          master_key_(std::move(master_key)),
          limits_(config.address_limit, config.replay, replay_window(config)),
          usage_(store_) {}

    std::string start();
    void run();

  private:
    void note_loaded();
    void redact(std::string_view sent, CaptureEntry& entry);
    void watch_upstreams();
    void watch_workers_for_supervisor();
    std::string start_admin();
    admin::ReloadOutcome reload();
    std::string try_reload(const Config& next);
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
    auth::MasterKey master_key_;
    SharedLimits limits_;
    AccessLog access_log_;
    DebugCapture debug_capture_{[this](auto work) { asio::post(context_, std::move(work)); },
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
    asio::io_context context_{1};
    asio::signal_set signals_{context_, SIGTERM, SIGINT, SIGHUP};
    asio::steady_timer timer_{context_};
    ShedReport shed_report_{metrics_};
    asio::steady_timer shed_timer_{context_};
    bool is_draining_ = false;
    admin::Server admin_;
    net::Watchdog watchdog_{supervisor_};
};

using SocketsByWorker = std::vector<std::vector<ListeningSocket>>;

std::string App::start() {
    if (auto error = access_log_.open(config_.access_log.destination); !error.empty()) return error;
    if (auto error = debug_capture_.prepare(config_.access_log.debug_capture); !error.empty())
        return error;
    debug_capture_.switch_over();
    BuiltRuntime built = build_runtime(config_, store_);
    if (built.runtime == nullptr) return built.error;
    proxy::BuiltCollector tracing = proxy::build_collector(config_.tracing, nullptr);
    if (!tracing.error.empty()) return tracing.error;
    adopt(std::move(built.runtime));
    collector_ = std::move(tracing.collector);
    metrics_.process.is_last_reload_taken.set(1);
    note_loaded();
    std::string why;
    const bool has_ring = net::Ring::is_available(why);
    if (config_.io_backend == IoBackend::io_uring && !has_ring)
        return "io_backend is io_uring, which the system refuses: " + why;
    if (auto error = inherited_.find_unused(config_.listeners); !error.empty()) return error;
    SocketsByWorker sockets(worker_count_);
    for (const auto& listener : runtime_->listeners) {
        auto error = open_listening_sockets(listener, inherited_, worker_count_, sockets);
        if (!error.empty()) return error;
    }
    for (unsigned i = 0; i < worker_count_; ++i)
        workers_.push_back(std::make_unique<Worker>(services(), runtime_));
    if (auto error = start_admin(); !error.empty()) return error;
    // Last, since it takes the file away: a start that fails must leave it for the next one.
    const auto restored =
        restore_replay_state(store_, limits_.replay, config_, store::current_time());
    if (!restored) return "the store cannot be written: " + restored.error().message();
    for (unsigned i = 0; i < worker_count_; ++i) workers_[i]->start(std::move(sockets[i]));
    watch_upstreams();
    for (const ListenerConfig& listener : config_.listeners) {
        const std::string inherited = inherited_.addresses_of(listener);
        log_info("listening on " + (inherited.empty() ? listener.address : inherited) + " (" +
                 listener.name + "), " + std::to_string(worker_count_) + " workers" +
                 (inherited.empty() ? "" : ", inherited socket"));
    }
    if (config_.io_backend == IoBackend::automatic && !has_ring)
        log_info("io_uring is not available (" + why + "): connections go through epoll");
    watch_workers_for_supervisor();
    supervisor_.tell_ready(kServing);
    return {};
}

void App::watch_workers_for_supervisor() {
    std::vector<const net::Watchdog::Turns*> turns;
    for (const auto& worker : workers_) turns.push_back(&worker->turns());
    watchdog_.start(turns);
}

void App::watch_upstreams() {
    health_.watch({runtime_, &runtime_->upstreams});
    std::vector<proxy::Upstream> named = runtime_->upstreams;
    if (collector_ != nullptr) named.push_back(collector_->to_refresh());
    names_.watch(named);
    exporter_.use(collector_);
}

void App::note_loaded() {
    metrics_.process.loaded_at_ms.set(
        static_cast<std::uint64_t>(store::current_time().time_since_epoch().count()));
}

void App::redact(std::string_view sent, CaptureEntry& entry) {
    RedactedHead head;
    auth::Sealer sealer(master_key_);
    if (auto reader = store_.reader()) head = redact_head(sent, *reader, sealer);
    entry.head = std::move(head.text);
    entry.token = std::move(head.token);
    entry.left_out = head.left_out;
}

void App::run() {
    await_signal();
    report_shedding();
    context_.run();
    for (const auto& worker : workers_) worker->join();
    exporter_.finish();
    admin_.stop();
    // Reloads that were asked for last are answered, while their listener is there, and what was
    // captured last is written.
    context_.restart();
    context_.poll();
    watchdog_.stop();
    workers_.clear();
    if (const auto error = limits_.replay.save(config_.replay.state_file, store::current_time()))
        log_error("replay state cannot be saved: " + error.message());
    log_info("drained");
}

void App::await_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) return;
        if (signal == SIGHUP) {
            reload();
        } else {
            drain();
        }
        await_signal();
    });
}

std::shared_ptr<const Runtime> App::current_runtime() const {
    const std::lock_guard lock(runtime_mutex_);
    return runtime_;
}

void App::adopt(std::shared_ptr<const Runtime> runtime) {
    const std::lock_guard lock(runtime_mutex_);
    runtime_ = std::move(runtime);
}

std::string App::start_admin() {
    const auto reload_soon = [this](admin::ReloadDone done) {
        asio::post(context_, [this, done = std::move(done)] { done(reload()); });
    };
    return admin_.start({store_,
                         master_key_,
                         {metrics_, store_, limits_.replay, access_log_, usage_},
                         [this] { return current_runtime(); },
                         reload_soon,
                         store::current_time},
                        config_.admin);
}

admin::ReloadOutcome App::reload() {
    if (is_draining_) return {"the gateway is ending", {}};
    supervisor_.tell_reloading();
    LoadedConfig loaded = load_config(config_.file);
    std::string error;
    if (!loaded.ok()) {
        for (const ConfigProblem& problem : loaded.problems) log_error(problem.to_string());
        error = std::to_string(loaded.problems.size()) + " problems in the configuration";
    } else {
        error = try_reload(loaded.config);
    }
    metrics_.process.is_last_reload_taken.set(error.empty() ? 1 : 0);
    if (error.empty()) {
        metrics_.process.reloads_taken.add();
        note_loaded();
        log_info("reloaded " + config_.file.string());
    } else {
        metrics_.process.reloads_refused.add();
        log_error("reload refused, the running configuration stays: " + error);
    }
    supervisor_.tell_ready(error.empty() ? kServing : "serving; reload refused: " + error);
    return {std::move(error), std::move(loaded.problems)};
}

std::string App::try_reload(const Config& next) {
    if (auto key = changed_restart_only_key(config_, next); !key.empty())
        return key + " needs a restart";
    if (auto error = inherited_.find_unused(next.listeners); !error.empty()) return error;
    BuiltRuntime built = build_runtime(next, store_, runtime_.get());
    if (built.runtime == nullptr) return built.error;
    proxy::BuiltCollector tracing = proxy::build_collector(next.tracing, collector_.get());
    if (!tracing.error.empty()) return tracing.error;
    SocketsByWorker sockets(worker_count_);
    const auto close_all = [&] {
        for (auto& list : sockets)
            for (const ListeningSocket& socket : list) ::close(socket.descriptor);
    };
    for (const auto& listener : built.runtime->listeners) {
        const std::string& address = listener->config.address;
        const bool is_open =
            std::any_of(config_.listeners.begin(), config_.listeners.end(),
                        [&](const ListenerConfig& current) { return current.address == address; });
        if (is_open) continue;
        auto error = open_listening_sockets(listener, inherited_, worker_count_, sockets);
        if (!error.empty()) {
            close_all();
            return error;
        }
    }
    if (auto error = access_log_.prepare(next.access_log.destination); !error.empty()) {
        close_all();
        return error;
    }
    if (auto error = debug_capture_.prepare(next.access_log.debug_capture); !error.empty()) {
        close_all();
        return error;
    }
    if (auto error = prepare_log(next.log.level, next.log.destination); !error.empty()) {
        close_all();
        return error;
    }
    if (const auto changed =
            change_signature_window(store_, limits_.replay, next.signature, store::current_time());
        !changed) {
        close_all();
        return "the signature window cannot be stored: " + changed.error().message();
    }
    // Nothing can fail from here on.
    access_log_.switch_over();
    switch_log();
    debug_capture_.switch_over();
    config_ = next;
    adopt(std::move(built.runtime));
    collector_ = std::move(tracing.collector);
    for (unsigned i = 0; i < worker_count_; ++i) workers_[i]->adopt(runtime_, sockets[i]);
    watch_upstreams();
    return {};
}

void App::drain() {
    if (is_draining_) return;
    is_draining_ = true;
    metrics_.process.is_draining.set(1);
    log_info("draining");
    supervisor_.tell_stopping(config_.timeouts.drain + kTimeToEnd);
    for (const auto& worker : workers_) worker->drain();
    watch_workers();
}

void App::watch_workers() {
    const bool is_done = std::all_of(workers_.begin(), workers_.end(),
                                     [](const auto& worker) { return worker->has_ended(); });
    if (is_done) {
        context_.stop();
        return;
    }
    timer_.expires_after(std::chrono::milliseconds(20));
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) watch_workers();
    });
}

void App::report_shedding() {
    if (const auto line = shed_report_.look(std::chrono::steady_clock::now()); !line.empty())
        log_warn(line);
    shed_timer_.expires_after(ShedReport::kLookEvery);
    shed_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) report_shedding();
    });
}

}  // namespace

std::optional<std::string> serve(const Config& config, std::optional<unsigned> workers) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // A file at its limit is a failed write, not the end.
    net::Supervisor supervisor;
    const bool can_tell = supervisor.take_environment();
    net::InheritedSockets inherited;
    if (auto error = inherited.take(); !error.empty()) return error;
    if (auto error = open_log(config.log.level, config.log.destination); !error.empty())
        return error;
    if (!can_tell) log_warn("NOTIFY_SOCKET cannot be used: whoever started this hears nothing");
    auto master_key = auth::MasterKey::load(config.store.master_key_file);
    if (!master_key)
        return "master key " + config.store.master_key_file.string() + ": " +
               master_key.error().message();
    store::StoreOptions options;
    options.map_bytes = config.store.map_bytes;
    auto store = store::Store::open(config.store.path, options);
    if (!store) return "store " + config.store.path.string() + ": " + store.error().message();
    if (auto bound = auth::bind_master_key(*store, *master_key); !bound)
        return "master key " + config.store.master_key_file.string() + " for store " +
               config.store.path.string() + ": " + bound.error().detail;
    unsigned count = workers.value_or(config.workers);
    if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
    try {
        App app(config, count, std::move(*store), std::move(*master_key), supervisor,
                std::move(inherited));
        if (auto error = app.start(); !error.empty()) return error;
        app.run();
    } catch (const std::exception& error) {
        return std::string("cannot serve: ") + error.what();
    }
    return std::nullopt;
}

}  // namespace kwikgate::gateway
