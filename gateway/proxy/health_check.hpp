#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string_view>

#include "gateway/net/deadline.hpp"
#include "gateway/proxy/health_count.hpp"
#include "gateway/proxy/own_request.hpp"
#include "gateway/proxy/upstream.hpp"

namespace kwikgate::gateway::proxy {

/// Asks one server for its health path, again and again, and says in its state whether it is down.
/// Any complete 2xx header is healthy. Every check has a connection of its own, so that it also
/// shows whether the server still accepts. A server counts as up until its checks have failed.
/// **Threads**: that of the io_context. **Borrows** upstream and server.
class HealthCheck final : net::Deadline {
  public:
    HealthCheck(boost::asio::io_context& context, net::DeadlineWheel& wheel,
                const Upstream& upstream, const ServerEndpoint& server);
    void start() { begin(); }
    /// Nothing is asked any more. It may be destroyed once `is_released`.
    void stop();
    bool is_released() const { return is_stopped_ && request_.is_ready(); }

  private:
    void on_deadline() override { begin(); }

    void begin();
    void finish(const OwnRequest::Answer& answer);
    void count(bool is_healthy, std::string_view what);

    const Upstream& upstream_;
    const ServerEndpoint& server_;
    OwnRequest request_;
    net::Clock::time_point next_at_{};
    AddressList addresses_;
    std::uint32_t addresses_version_ = 0;
    std::size_t address_at_ = 0;
    bool is_stopped_ = false;
    HealthCount count_;
};

}  // namespace kwikgate::gateway::proxy
