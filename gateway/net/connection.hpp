#pragma once

#include <sys/socket.h>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "auth/ip_rules.hpp"
#include "gateway/http/body_reader.hpp"
#include "gateway/net/buffer_pool.hpp"
#include "gateway/net/deadline.hpp"
#include "gateway/net/linger.hpp"
#include "gateway/net/listener_settings.hpp"
#include "gateway/net/places.hpp"
#include "gateway/net/stream.hpp"

namespace kwikgate::gateway {
class Worker;
class Exchange;
struct ListenerConfig;
enum class ProxyHeaderRefusal : std::uint8_t;
}  // namespace kwikgate::gateway

namespace kwikgate::gateway::net {

/// What is left of a request's body when it was answered without being read.
struct UnreadBody {
    http::BodyReader reader;
    bool is_discardable = true;  ///< Read past it and keep the connection; else close.
};

/// A downstream connection for its whole life: waits for requests, hands each to an exchange, one
/// at a time and in order, and closes in a way that lets the last answer arrive. **Threads**: its
/// worker's. **Owns** its stream; while it idles it holds no buffer.
class Connection final : public Place, StreamEvents, Deadline {
  public:
    explicit Connection(Worker& worker);

    /// Takes over an accepted descriptor. Where the worker has no place for it, it answers 503 and
    /// closes; without an answer where that would need more of the client's bytes.
    void start(int descriptor, const sockaddr_storage& peer, CurrentListener& listener);
    /// The worker drains: a connection that waits for a request closes if none comes soon; every
    /// answer from now on is the last of its connection, and says so.
    void drain();
    /// Its listener has ended: if it waits for a request, it closes unless one comes soon.
    void end_soon();
    /// Closes whatever it is doing; a request in progress is logged as aborted.
    void force_close();
    /// Finds a peer that has closed without an event.
    void probe();
    bool is_closed() const { return state_ == State::closed; }
    /// Nobody waits for what it does: it says nothing, or not all of a request, or has its answer.
    bool may_be_shed();
    /// It stood in the worker's line of requests, and may begin now.
    void resume();

    Stream& stream() { return stream_; }
    Buffer& input() { return input_; }
    std::string_view peer_text() const { return {peer_text_.data(), peer_text_size_}; }
    const auth::IpAddress& peer_address() const { return peer_address_; }
    /// What the next request uses of its listener, until a reload: see `CurrentListener`.
    const ListenerConfig& listener() const { return listener_->settings->config; }
    bool has_listener_ended() const { return listener_->has_ended; }
    /// The subject of the client's verified certificate; empty: it has none.
    std::string_view client_certificate() const { return client_certificate_; }
    std::uint64_t requests() const { return requests_; }
    /// The loop told of the bytes that are being served, in the order of all events. False for
    /// those that a look found, as for the first ones, or that had come before the request before
    /// them was answered.
    bool was_told() const { return was_told_ && requests_ > 1; }

    /// One read into the input buffer, for the exchange. False when it would block (then it waits)
    /// or the client is gone.
    enum class ReadOutcome : std::uint8_t { got_bytes, waiting, closed, full };
    ReadOutcome read_more();
    /// The same into the exchange's own memory; `bytes` is how many arrived.
    ReadOutcome read_into(std::span<char> room, std::size_t& bytes);
    /// Watches for the client's end while nothing is read from it: a later `on_downstream_readable`
    /// asks `is_gone`. Costs no system call, and saves the wait for the next request.
    void watch() { stream_.wait_readable(); }
    /// True when the client has closed. Bytes that it sent ahead stay unread.
    bool is_gone();
    void set_deadline(std::chrono::milliseconds after) { set(after); }
    void set_deadline_at(Clock::time_point at) { set_at(at); }
    void clear_deadline() { clear(); }

    /// The exchange is over and forgotten. `unread` is the rest of the request's body.
    void exchange_done(bool keep_alive, const UnreadBody& unread);
    /// The exchange is over and the answer cannot be completed.
    void exchange_aborted(bool with_reset);

  private:
    enum class State : std::uint8_t {
        closed,
        preface,  ///< Nothing but a PROXY header may come.
        handshake,
        idle,
        reading_head,
        exchanging,
        discarding,
        lingering
    };

    void on_readable() override;
    void on_writable() override;
    void on_released() override;
    void on_deadline() override;

    // The beginning: connection_start.cpp.
    void set_peer(const auth::IpAddress& address);
    void refuse_place(bool may_answer);
    void refuse_preface(ProxyHeaderRefusal why);
    void read_preface();
    void begin_session();
    void shake_hands();

    // Requests, one after the other: connection.cpp.
    /// A request may have come: it begins at once, or when it is its turn.
    void stand_in_line();
    void read_requests();
    /// False when a whole head is not there yet, or the connection is busy or closed now.
    bool parse_request();
    void take_next_request();
    void wait_for_request();

    // The end, of a request's body or of the connection: connection_end.cpp.
    void discard_body();
    void linger();
    void read_away();
    void close_now();
    void finish_close();

    Worker& worker_;
    Stream stream_;
    Buffer input_;
    Exchange* exchange_ = nullptr;
    CurrentListener* listener_ = nullptr;
    std::shared_ptr<const ServerTls> tls_;  ///< Of the handshake: the session goes on with it.
    http::BodyReader discard_;
    Linger linger_;
    std::size_t resume_at_ = 0;
    std::uint64_t requests_ = 0;
    auth::IpAddress peer_address_;
    auth::IpText peer_text_{};
    std::uint8_t peer_text_size_ = 0;
    std::string client_certificate_;
    State state_ = State::closed;
    bool is_reading_ = false;  ///< Inside `read_requests`: a finished exchange must not re-enter.
    bool is_in_line_ = false;
    bool was_told_ = false;
};

}  // namespace kwikgate::gateway::net
