#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/message.hpp"
#include "gateway/net/deadline.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/proxy/upstream.hpp"

namespace kwikgate::gateway::proxy {

/// Asks one server for its health path, again and again, and says in its state whether it is down.
/// Any complete 2xx header is healthy. Every check has a connection of its own, so that it also
/// shows whether the server still accepts. A server counts as up until its checks have failed.
/// **Threads**: that of the io_context. **Borrows** upstream and server.
class HealthCheck final : net::StreamEvents, net::Deadline {
  public:
    HealthCheck(boost::asio::io_context& context, net::DeadlineWheel& wheel,
                const Upstream& upstream, const ServerEndpoint& server);
    void start() { begin(); }
    /// Nothing is asked any more. It may be destroyed once `is_released`.
    void stop();
    bool is_released() const { return is_stopped_ && stream_.is_released(); }

  private:
    enum class State : std::uint8_t { waiting, connecting, shaking_hands, writing, reading };
    void on_readable() override;
    void on_writable() override;
    void on_released() override {}
    void on_deadline() override;

    void begin();
    void go_on();
    void connect();
    void shake_hands();
    void write();
    void read();
    void finish(bool is_healthy, std::string_view what);
    void count(bool is_healthy, std::string_view what);

    const Upstream& upstream_;
    const ServerEndpoint& server_;
    net::Stream stream_;
    net::Clock::time_point next_at_{};
    AddressList addresses_;
    std::uint32_t addresses_version_ = 0;
    std::size_t address_at_ = 0;
    std::string request_;
    std::size_t written_ = 0;
    std::string input_;
    http::ResponseHead head_;
    std::size_t resume_at_ = 0;
    State state_ = State::waiting;
    bool is_stopped_ = false;
    unsigned good_in_a_row_ = 0;
    unsigned bad_in_a_row_ = 0;
};

}  // namespace kwikgate::gateway::proxy
