#include "gateway/net/worker.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <utility>

#include "gateway/net/ring.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kKeptBuffers = 256;

store::Reader make_reader(store::Store& store) {
    auto reader = store.reader();
    if (!reader) throw std::runtime_error("store: " + reader.error().message());
    return std::move(*reader);
}

/// `context`, with a ring where the configuration and the system let it have one.
boost::asio::io_context& with_ring(boost::asio::io_context& context, const Runtime& runtime) {
    std::string why;
    const IoBackend backend = runtime.config.io_backend;
    if (backend != IoBackend::epoll && net::Ring::is_available(why))
        net::Ring::install(context, backend == IoBackend::automatic ? net::Ring::kFewStreams : 0);
    return context;
}

}  // namespace

bool WorkerRuntime::is_unused() const {
    return users == 0 && std::all_of(pools.begin(), pools.end(),
                                     [](const auto& pool) { return pool->is_unused(); });
}

bool WorkerRuntime::is_used_up(int upstream, store::TokenNumber token) const {
    const proxy::UpstreamPool& pool = *pools[static_cast<std::size_t>(upstream)];
    if (!pool.is_share_used_up(token)) return false;
    pool.counters().share_refusals.add();
    return true;
}

Worker::Worker(const SharedServices& services, std::shared_ptr<const Runtime> runtime)
    : services_(services),
      requests_(with_ring(context_, *runtime)),
      head_buffers_(runtime->config.limits.header_bytes, kKeptBuffers),
      relay_buffers_(std::max(runtime->config.limits.relay_buffer_bytes,
                              std::max(runtime->config.limits.header_bytes,
                                       runtime->config.limits.response_header_bytes)),
                     kKeptBuffers),
      held_buffers_(runtime->config.limits.held_body_bytes + relay_buffers_.block_bytes(),
                    kKeptBuffers / 4),
      head_limits_{runtime->config.limits.request_line_bytes, runtime->config.limits.header_bytes,
                   runtime->config.limits.header_fields},
      response_head_limits_{runtime->config.limits.response_header_bytes,
                            runtime->config.limits.response_header_bytes,
                            runtime->config.limits.response_header_fields},
      reader_(make_reader(services.store)),
      sealer_(services.master_key),
      pipeline_(reader_, sealer_, services_.limits),
      usage_(services_.usage),
      access_log_(services_.access_log),
      spans_(services_.spans),
      metrics_(services_.metrics.add_worker()) {
    use(std::move(runtime));
}

Worker::~Worker() = default;

void Worker::use(std::shared_ptr<const Runtime> runtime) {
    auto next = std::make_unique<WorkerRuntime>();
    next->runtime = std::move(runtime);
    make_counters(*next);
    if (next->runtime->sampler.is_on()) spans_.prepare();
    for (const proxy::Upstream& upstream : next->runtime->upstreams)
        next->pools.push_back(std::make_unique<proxy::UpstreamPool>(
            upstream, context_, deadlines_, head_buffers_, pool_counters(upstream)));
    if (current_ != nullptr) {
        for (const auto& pool : current_->pools) pool->close_idle();
        clear_levels(*current_);
        retired_.push_back(std::move(current_));
    }
    current_ = std::move(next);
}

void Worker::start(std::vector<ListeningSocket> listeners) {
    reconcile_listeners(std::move(listeners));
    thread_ = std::thread([this] { run(); });
}

void Worker::run() {
    tick_due_ = net::Clock::now();
    deadlines_.advance(tick_due_);
    places_.set_now(tick_due_);
    for (const auto& listener : listeners_) listener->start();
    tick();
    if (net::Ring* ring = net::Ring::of(context_)) {
        ring->run(context_);
    } else {
        context_.run();
    }
    wind_down();
    usage_.flush();
    access_log_.flush();
    spans_.flush();
    turns_.store(net::Watchdog::kEnded);
}

/// Operations of streams are members of what is about to be destroyed: the loop has to let go of
/// every one of them first.
void Worker::wind_down() {
    timer_.cancel();
    for (const auto& listener : listeners_) listener->close_now();
    for (const auto& pool : current_->pools) pool->close_all();
    for (const auto& retired : retired_)
        for (const auto& pool : retired->pools) pool->close_all();
    context_.restart();
    context_.poll();
    if (net::Ring* ring = net::Ring::of(context_)) ring->wind_down();
}

void Worker::tick() {
    const auto now = net::Clock::now();
    turns_.fetch_add(1, std::memory_order_relaxed);
    shedder_.ticked(now, now - tick_due_ + requests_.oldest(now), limits().max_delay);
    deadlines_.advance(now);
    places_.set_now(now);
    access_log_.flush();
    spans_.flush();
    publish_levels();
    if (now >= usage_due_) {
        usage_due_ = now + current_->runtime->config.store.usage_flush_interval;
        usage_.flush();
        for (const auto& pool : current_->pools) pool->probe_idle();
    }
    probe_connections();
    for (const auto& retired : retired_)
        for (const auto& pool : retired->pools) pool->close_idle();
    std::erase_if(retired_, [](const auto& retired) { return retired->is_unused(); });
    forget_ended();
    report_shed(now);
    if (is_draining_) {
        end_when_idle();
        if (context_.stopped()) return;
    }
    timer_.expires_after(net::DeadlineWheel::kTick);
    tick_due_ = timer_.expiry();
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) tick();
    });
}

void Worker::adopt(std::shared_ptr<const Runtime> runtime, std::vector<ListeningSocket> listeners) {
    boost::asio::post(context_, [this, next = std::move(runtime), sockets = std::move(listeners)] {
        use(next);
        reconcile_listeners(sockets);
        for (const auto& listener : listeners_) listener->start();
    });
}

void Worker::drain() {
    boost::asio::post(context_, [this] { begin_drain(); });
}

void Worker::begin_drain() {
    if (is_draining_) return;
    for (const auto& listener : listeners_) listener->close();
    is_draining_ = true;
    drain_until_ = net::Clock::now() + timeouts().drain;
    for (std::size_t i = 0; i < connections_.size(); ++i)
        if (!connections_[i]->is_closed()) connections_[i]->drain();
    end_when_idle();
}

void Worker::end_when_idle() {
    if (open_connections_ != 0 && net::Clock::now() >= drain_until_) {
        if (!std::exchange(is_cutting_, true))
            log_warn("drain deadline: " + std::to_string(open_connections_) +
                     " connections are cut");
        for (std::size_t i = 0; i < connections_.size(); ++i)
            if (!connections_[i]->is_closed()) connections_[i]->force_close();
    }
    if (open_connections_ == 0 && listeners_.empty()) context_.stop();
}

void Worker::join() {
    if (thread_.joinable()) thread_.join();
}

WorkerRuntime* Worker::lease_runtime() {
    ++current_->users;
    return current_.get();
}

Exchange* Worker::take_exchange() {
    if (spare_exchanges_.empty()) {
        exchanges_.push_back(std::make_unique<Exchange>(*this));
        spare_exchanges_.reserve(exchanges_.size());
        return exchanges_.back().get();
    }
    Exchange* exchange = spare_exchanges_.back();
    spare_exchanges_.pop_back();
    return exchange;
}

void Worker::give_back(Exchange* exchange) {
    if (exchange == nullptr) return;
    exchange->reset();
    spare_exchanges_.push_back(exchange);
}

std::uint32_t Worker::retry_after(const RequestContext& context) const {
    switch (context.decision.reason) {
        case auth::Reason::rate_limited:
        case auth::Reason::address_limited:
            return std::max<std::uint32_t>(1, context.rate.retry_after_seconds);
        case auth::Reason::replay_state_lost: {
            // Of an imported token nothing may be distrusted: the bound is then long past.
            const auto now = std::chrono::system_clock::now();
            const auto wait =
                std::max<auth::Timestamp>(services_.limits.replay.distrusted_until(),
                                          std::chrono::floor<std::chrono::milliseconds>(now)) -
                now;
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait).count() + 1;
            return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 1, 86'400));
        }
        default:
            return 1;
    }
}

}  // namespace kwikgate::gateway
