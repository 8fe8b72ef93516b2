#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "gateway/net/deadline.hpp"
#include "gateway/proxy/health_check.hpp"
#include "gateway/proxy/upstream.hpp"

namespace kwikgate::gateway::proxy {

using Upstreams = std::shared_ptr<const std::vector<Upstream>>;

/// Runs the active health checks of a process in a thread of its own: once for all workers, and
/// never held up by them.
class HealthMonitor {
  public:
    HealthMonitor() = default;
    HealthMonitor(const HealthMonitor&) = delete;
    HealthMonitor& operator=(const HealthMonitor&) = delete;
    ~HealthMonitor();  // NOLINT(bugprone-exception-escape)

    /// From now on these servers are checked, and no others. One that is not checked any more
    /// counts as up. **Threads**: the main one.
    void watch(const Upstreams& upstreams);

  private:
    void use(const Upstreams& upstreams);
    void tick();

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context_.get_executor()};
    boost::asio::steady_timer timer_{context_};
    net::DeadlineWheel wheel_;
    Upstreams upstreams_;
    std::vector<std::unique_ptr<HealthCheck>> checks_;
    /// Stopped, with what they borrow, until the loop has let go of them.
    std::vector<std::pair<Upstreams, std::unique_ptr<HealthCheck>>> stopped_;
    bool is_ticking_ = false;
    std::thread thread_;
};

}  // namespace kwikgate::gateway::proxy
