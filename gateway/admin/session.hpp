#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "gateway/admin/guests.hpp"
#include "gateway/admin/message.hpp"

namespace kwikgate::gateway::admin {

using PlainStream = boost::beast::basic_stream<boost::asio::generic::stream_protocol,
                                               boost::asio::io_context::executor_type>;
using TlsStream = boost::asio::ssl::stream<PlainStream>;

/// Where a connection comes from.
struct Peer {
    auth::IpAddress address;  ///< All zero for a unix socket.
    bool is_local = false;
};

inline constexpr std::size_t kMaxHeaderBytes = 16 * 1024;
inline constexpr std::size_t kMaxBodyBytes = 256 * 1024;
inline constexpr std::chrono::seconds kIdleTime{60};     ///< Between requests, head included.
inline constexpr std::chrono::seconds kMessageTime{15};  ///< For a body, an answer, a handshake.
inline constexpr std::chrono::seconds kWorkTime{60};     ///< For an operation that is waited for.

/// One connection to the admin listener: reads a request, has it answered, and again.
/// **Threads**: the listener's. **Owns** itself while an operation is pending.
template <class Stream>
class Session final : public std::enable_shared_from_this<Session<Stream>>, public Guest {
  public:
    /// `leave` is called once, when it is over.
    Session(Stream stream, Peer peer, const Handler& handler, Guests& guests,
            std::function<void(const Guest&)> leave)
        : Guest(peer.address),
          stream_(std::move(stream)),
          peer_(peer),
          handler_(handler),
          guests_(guests),
          leave_(std::move(leave)) {}
    ~Session() { leave_(*this); }

    void start();
    void end() override { lowest().close(); }

  private:
    using ErrorCode = boost::beast::error_code;
    PlainStream& lowest() { return boost::beast::get_lowest_layer(stream_); }
    void read_head();
    void on_head(const ErrorCode& error);
    void send_continue();
    void read_body();
    void on_request(const ErrorCode& error);
    void answer(AdminResponse response);
    void on_written(const ErrorCode& error);
    void refuse(unsigned status, std::string_view code, std::string_view detail);
    void close();
    bool take_head();

    Stream stream_;
    Peer peer_;
    const Handler& handler_;
    Guests& guests_;
    std::function<void(const Guest&)> leave_;
    boost::beast::flat_buffer buffer_{kMaxHeaderBytes + kMaxBodyBytes};
    std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
    boost::beast::http::response<boost::beast::http::string_body> response_;
    std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>>
        serializer_;
    AdminRequest request_;
    bool keep_alive_ = false;
    bool holds_secret_ = false;
};

extern template class Session<PlainStream>;
extern template class Session<TlsStream>;

}  // namespace kwikgate::gateway::admin
