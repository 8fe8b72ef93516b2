#include "gateway/proxy/health_monitor.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace kwikgate::gateway::proxy {
namespace {

bool has_checks(const std::vector<Upstream>& upstreams) {
    return std::any_of(upstreams.begin(), upstreams.end(), [](const Upstream& upstream) {
        return !upstream.config.health.path.empty();
    });
}

}  // namespace

// Only for want of memory, which ends the process anyway.
// NOLINTNEXTLINE(bugprone-exception-escape)
HealthMonitor::~HealthMonitor() {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this] {
        use(std::make_shared<const std::vector<Upstream>>());
        timer_.cancel();
        work_.reset();
    });
    thread_.join();
}

void HealthMonitor::watch(const Upstreams& upstreams) {
    if (!thread_.joinable()) {
        if (!has_checks(*upstreams)) return;
        thread_ = std::thread([this] { context_.run(); });
    }
    boost::asio::post(context_, [this, upstreams] { use(upstreams); });
}

void HealthMonitor::use(const Upstreams& upstreams) {
    for (auto& check : checks_) {
        check->stop();
        stopped_.emplace_back(upstreams_, std::move(check));
    }
    checks_.clear();
    upstreams_ = upstreams;
    wheel_.advance(net::Clock::now());
    for (const Upstream& upstream : *upstreams_) {
        const bool is_checked = !upstream.config.health.path.empty();
        for (const ServerEndpoint& server : upstream.servers) {
            if (!is_checked) {
                server.state->set_down(false);
                continue;
            }
            checks_.push_back(std::make_unique<HealthCheck>(context_, wheel_, upstream, server));
            checks_.back()->start();
        }
    }
    if (!is_ticking_) tick();
}

void HealthMonitor::tick() {
    wheel_.advance(net::Clock::now());
    std::erase_if(stopped_, [](const auto& entry) { return entry.second->is_released(); });
    is_ticking_ = !checks_.empty() || !stopped_.empty();
    if (!is_ticking_) return;
    timer_.expires_after(net::DeadlineWheel::kTick);
    timer_.async_wait([this](const boost::system::error_code&) { tick(); });
}

}  // namespace kwikgate::gateway::proxy
