#include "gateway/running_app.hpp"

#include <unistd.h>
#include <algorithm>
#include <utility>

#include "gateway/net/ring.hpp"
#include "gateway/pipeline/replay_state.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/telemetry/redaction.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway {
namespace {

namespace asio = boost::asio;

/// What the end takes beyond the drain: spans, logs, the replay state.
constexpr std::chrono::seconds kTimeToEnd{20};

std::chrono::milliseconds replay_window(const Config& config) {
    return config.signature.max_age + config.signature.max_ahead;
}

}  // namespace

NewSockets::~NewSockets() {
    for (const auto& sockets : by_worker_)
        for (const ListeningSocket& socket : sockets) ::close(socket.descriptor);
}

std::vector<ListeningSocket> NewSockets::take(std::size_t worker) {
    return std::exchange(by_worker_[worker], {});
}

App::App(const Config& config, unsigned workers, store::Store store, auth::MasterKey master_key,
         const net::Supervisor& supervisor, net::InheritedSockets inherited)
    : config_(config),
      worker_count_(workers),
      supervisor_(supervisor),
      inherited_(std::move(inherited)),
      store_(std::move(store)),
      master_key_(std::move(master_key)),
      limits_(config.address_limit, config.replay, replay_window(config)),
      usage_(store_) {}

std::string App::start() {
    if (auto error = access_log_.open(config_.access_log.destination); !error.empty()) return error;
    if (auto error = debug_capture_.prepare(config_.access_log.debug_capture); !error.empty())
        return error;
    debug_capture_.switch_over();
    BuiltRuntime built = build_runtime(config_, store_);
    if (built.runtime == nullptr) return built.error;
    proxy::BuiltCollector tracing = proxy::build_collector(config_.tracing, nullptr);
    if (!tracing.error.empty()) return tracing.error;
    std::string why;
    const bool has_ring = net::Ring::is_available(why);
    if (config_.io_backend == IoBackend::io_uring && !has_ring)
        return "io_backend is io_uring, which the system refuses: " + why;
    // What needs no turn has been looked at: whoever waits in vain is not told of a typing error
    // after that. From here on no other gateway serves from the store.
    if (auto error = wait_for_turn(); !error.empty() || is_told_to_end_) return error;
    if (auto error = register_sections(*built.runtime); !error.empty()) return error;
    adopt(std::move(built.runtime));
    collector_ = std::move(tracing.collector);
    metrics_.process.is_last_reload_taken.set(1);
    note_loaded();
    if (auto error = inherited_.find_unused(config_.listeners); !error.empty()) return error;
    NewSockets sockets(worker_count_);
    for (const auto& listener : runtime_->listeners) {
        auto error =
            open_listening_sockets(listener, inherited_, worker_count_, sockets.by_worker());
        if (!error.empty()) return error;
    }
    for (unsigned i = 0; i < worker_count_; ++i)
        workers_.push_back(std::make_unique<Worker>(services(), runtime_));
    if (auto error = start_admin(); !error.empty()) return error;
    note_certificates();
    // Last, since it takes the file away: a start that fails must leave it for the next one.
    const auto restored =
        restore_replay_state(store_, limits_.replay, config_, *serve_lock_, store::current_time());
    if (!restored) return "the store cannot be written: " + restored.error().message();
    for (unsigned i = 0; i < worker_count_; ++i) workers_[i]->start(sockets.take(i));
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
    if (is_reload_wanted_) reload();
    report_shedding();
    context_.run();
    for (const auto& worker : workers_) worker->join();
    // No request of ours records a nonce any more.
    save_replay_state(limits_.replay, config_, *serve_lock_, store::current_time());
    admin_.stop();
    health_listener_.stop();
    // Reloads that were asked for last are answered, while their listener is there, and what was
    // captured last is written.
    context_.restart();
    context_.poll();
    watchdog_.stop();
    workers_.clear();
    serve_lock_->release();  // Ports and sockets are closed: the next one may begin.
    exporter_.finish();
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
    const auto reload_soon = [this](std::string actor, admin::ReloadDone done) {
        asio::post(context_, [this, actor = std::move(actor), done = std::move(done)] {
            done(reload(actor));
        });
    };
    // Each listener counts in a thread of its own, so it has counters of its own.
    const auto services = [&](AdminCounters& counters) {
        return admin::Services{store_,
                               master_key_,
                               {metrics_, store_, limits_.replay, access_log_, usage_},
                               [this] { return current_runtime(); },
                               reload_soon,
                               store::current_time,
                               counters};
    };
    if (auto error = health_listener_.start(services(health_counters_), config_.health);
        !error.empty())
        return error;
    return admin_.start(services(metrics_.admin), config_.admin);
}

void App::note_certificates() {
    std::uint64_t first = UINT64_MAX;
    for (const auto& listener : runtime_->listeners)
        if (listener->tls) first = std::min(first, listener->tls->expires_at());
    if (admin_.certificate()) first = std::min(first, admin_.certificate()->expires_at());
    metrics_.process.certificate_expires_at.set(first == UINT64_MAX ? 0 : first);
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

}  // namespace kwikgate::gateway
