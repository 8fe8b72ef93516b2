#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "gateway/net/deadline.hpp"
#include "gateway/net/listener_settings.hpp"
#include "gateway/net/stream.hpp"

namespace kwikgate::gateway {

class Worker;

/// A listening descriptor and its listener's settings, on the way to a worker.
struct ListeningSocket {
    int descriptor = -1;
    std::shared_ptr<const net::ListenerSettings> settings;
};

/// Opens one listening socket a worker for a listener (SO_REUSEPORT: the kernel spreads
/// connections). Fails when another process has the port, even one that would share it. Appends to
/// `out[worker]`. Returns empty, or one line; then nothing stays open.
std::string open_listening_sockets(const std::shared_ptr<const net::ListenerSettings>& settings,
                                   std::size_t workers,
                                   std::vector<std::vector<ListeningSocket>>& out);

namespace net {

/// Accepts connections for one worker. When descriptors run out it pauses, instead of spinning, and
/// goes on by itself. **Threads**: the worker's.
class Listener final : StreamEvents, Deadline {
  public:
    Listener(Worker& worker, ListeningSocket socket);
    void start() { stream_.wait_readable(); }
    void configure(std::shared_ptr<const ListenerSettings> next) { settings_ = std::move(next); }
    const ListenerConfig& config() const { return settings_->config; }
    /// Takes no new connections, gives those that are being made a moment to get through, accepts
    /// them and closes: nobody who connected is dropped.
    void close();
    void close_now();
    bool is_released() const { return stream_.is_released(); }

  private:
    void on_readable() override;
    void on_writable() override {}
    void on_released() override {}
    void on_deadline() override;
    /// True when everything that waited was accepted.
    bool accept_all();

    Worker& worker_;
    Stream stream_;
    std::shared_ptr<const ListenerSettings> settings_;
    bool is_closing_ = false;
    bool has_warned_ = false;
};

}  // namespace net
}  // namespace kwikgate::gateway
