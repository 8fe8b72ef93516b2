#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "auth/secret.hpp"
#include "gateway/http/body_reader.hpp"
#include "gateway/http/message.hpp"
#include "gateway/net/deadline.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/proxy/upstream.hpp"

namespace kwikgate::gateway::proxy {

/// A request that the gateway makes for itself (health checks, export of spans): one at a time,
/// each on a connection of its own, from connecting to the answer under one deadline.
/// **Threads**: that of the io_context.
class OwnRequest final : net::StreamEvents, net::Deadline {
  public:
    struct Answer {
        const http::ResponseHead* head = nullptr;  ///< Null: there was none.
        std::string_view body;                     ///< As much as was asked for.
        std::string_view why_not;                  ///< Why there was none.
    };
    /// Told once for each `start`, never from within it. The answer is gone when it returns; the
    /// next request may be started once `is_ready`.
    using Done = std::function<void(const Answer&)>;

    OwnRequest(boost::asio::io_context& context, net::DeadlineWheel& wheel, Done done);

    /// False while the loop holds an operation of the last one.
    bool is_ready() const { return stream_.is_released(); }
    /// `request` is the whole message. Of the answer's body up to `body_limit` bytes are read, and
    /// nothing is waited for beyond them. **Borrows** server and tls (null where the server takes
    /// none) until it is done.
    void start(const ServerEndpoint& server, const net::ClientTls* tls,
               const SocketAddress& address, auth::SecretString request,
               std::chrono::milliseconds timeout, std::size_t body_limit);
    /// Ends it; nobody is told.
    void stop();

  private:
    enum class State : std::uint8_t {
        idle,
        failed_at_once,  ///< Told from the loop.
        connecting,
        shaking_hands,
        writing,
        reading_head,
        reading_body,
    };
    void on_readable() override { go_on(); }
    void on_writable() override { go_on(); }
    void on_released() override {}
    void on_deadline() override;

    void go_on();
    void connect();
    void shake_hands();
    void write();
    void read();
    /// True: that was all, and whoever waits was told.
    bool take(std::string_view bytes);
    bool take_body(std::string_view bytes);
    void finish(std::string_view why_not);

    net::Stream stream_;
    Done done_;
    const ServerEndpoint* server_ = nullptr;
    const net::ClientTls* tls_ = nullptr;
    SocketAddress address_;
    auth::SecretString request_;
    std::size_t written_ = 0;
    std::string input_;
    std::size_t resume_at_ = 0;
    http::ResponseHead head_;
    http::BodyReader body_reader_;
    std::string body_;
    std::size_t body_limit_ = 0;
    State state_ = State::idle;
};

}  // namespace kwikgate::gateway::proxy
