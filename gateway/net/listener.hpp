#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "gateway/net/deadline.hpp"
#include "gateway/net/inherited_sockets.hpp"
#include "gateway/net/listener_settings.hpp"
#include "gateway/net/stream.hpp"

namespace kwikgate::gateway {

class Worker;

/// A listening descriptor and its listener's settings, on the way to a worker.
struct ListeningSocket {
    int descriptor = -1;
    std::shared_ptr<const net::ListenerSettings> settings;
    bool is_inherited = false;  ///< Others have it open as well, and its queue outlives us.
};

/// Opens one listening socket a worker for a listener (SO_REUSEPORT: the kernel spreads
/// connections), or gives every worker a descriptor of each socket that was inherited for it.
/// Fails when another process has the port, even one that would share it. Appends to `out[worker]`.
/// Returns empty, or one line; then nothing stays open.
std::string open_listening_sockets(const std::shared_ptr<const net::ListenerSettings>& settings,
                                   const net::InheritedSockets& inherited, std::size_t workers,
                                   std::vector<std::vector<ListeningSocket>>& out);

namespace net {

/// Accepts connections for one worker. When descriptors run out it pauses, instead of spinning, and
/// goes on by itself. **Threads**: the worker's.
class Listener final : StreamEvents, Deadline {
  public:
    Listener(Worker& worker, ListeningSocket socket);
    void start() { stream_.wait_readable(); }
    /// For requests from now on. Where connections begin in another way now, those that are open
    /// end after their current answer.
    void configure(std::shared_ptr<const ListenerSettings> next);
    const ListenerConfig& config() const { return current_->settings->config; }
    CurrentListener& current() { return *current_; }
    /// Takes no new connections, gives those that are being made a moment to get through, accepts
    /// them and closes: nobody who connected is dropped. Of an inherited socket it just lets go:
    /// what waits there is for the next process.
    void close();
    void close_now();
    bool is_released() const { return stream_.is_released(); }

  private:
    void on_readable() override;
    void on_writable() override {}
    void on_released() override {}
    void on_deadline() override;
    /// True when everything that waited was accepted. Up to `most` in this turn of the loop; of an
    /// inherited socket, which all workers accept from, one: else the first to wake up would have
    /// them all.
    bool accept_waiting(int most);

    Worker& worker_;
    Stream stream_;
    CurrentListener* current_;
    bool is_inherited_ = false;
    bool is_closing_ = false;
    bool has_warned_ = false;
    bool has_left_to_others_ = false;  ///< At its cap, and nobody else took what waits.
};

}  // namespace net
}  // namespace kwikgate::gateway
