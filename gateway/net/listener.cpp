#include "gateway/net/listener.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "gateway/net/listen_address.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway {
namespace {

/// Connections that may wait to be accepted.
constexpr int kBacklog = 4096;

int bind_socket(const addrinfo& address, bool shares_port) {
    const int descriptor =
        ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shares_port) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (::bind(descriptor, address.ai_addr, address.ai_addrlen) == 0) return descriptor;
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return -1;
}

std::string cannot_listen(const std::string& address) {
    const int error = errno;
    std::string line = "cannot listen on " + address + ": " + std::strerror(error);
    if (error == EADDRINUSE)
        line += " (another process has this port; stop it or change listeners)";
    if (error == EADDRNOTAVAIL) line += " (no interface of this machine has that address)";
    if (error == EACCES) line += " (a port below 1024 takes a right, or a socket unit of systemd)";
    return line;
}

using SocketsByWorker = std::vector<std::vector<ListeningSocket>>;

/// A descriptor for each worker: they take turns at one queue.
std::string share(const std::vector<int>& inherited,
                  const std::shared_ptr<const net::ListenerSettings>& settings,
                  SocketsByWorker& out) {
    std::vector<int> copies;
    for (std::size_t i = 0; i < inherited.size() * out.size(); ++i) {
        const int copy = ::fcntl(inherited[i / out.size()], F_DUPFD_CLOEXEC, 0);
        if (copy < 0) {
            for (const int opened : copies) ::close(opened);
            return "cannot share the socket of " + settings->config.address + ": " +
                   std::strerror(errno);
        }
        copies.push_back(copy);
    }
    for (std::size_t i = 0; i < copies.size(); ++i)
        out[i % out.size()].push_back({copies[i], settings, true});
    return {};
}

}  // namespace

std::string open_listening_sockets(const std::shared_ptr<const net::ListenerSettings>& settings,
                                   const net::InheritedSockets& inherited, std::size_t workers,
                                   SocketsByWorker& out) {
    out.resize(workers);
    if (const auto found = inherited.of(settings->config); !found.empty())
        return share(found, settings, out);
    std::string error;
    const std::string& name = settings->config.address;
    const net::AddressInfo address = net::resolve_listener(name, error);
    if (!error.empty()) return error;
    // A socket that does not share its port finds out whether anybody else listens there.
    const int probe = bind_socket(*address, false);
    if (probe < 0) return cannot_listen(name);
    ::close(probe);
    std::vector<int> opened;
    for (std::size_t i = 0; i < workers && error.empty(); ++i) {
        const int descriptor = bind_socket(*address, true);
        if (descriptor >= 0 && ::listen(descriptor, kBacklog) == 0) {
            opened.push_back(descriptor);
            continue;
        }
        error = cannot_listen(name);
        if (descriptor >= 0) ::close(descriptor);
    }
    if (!error.empty()) {
        for (const int descriptor : opened) ::close(descriptor);
        return error;
    }
    for (std::size_t i = 0; i < workers; ++i) out[i].push_back({opened[i], settings});
    return {};
}

namespace net {
namespace {

/// A round trip of a client that is connecting, generously.
constexpr std::chrono::milliseconds kHandshakeTime{100};

/// A worker at its cap leaves a shared queue to the others for so long. What still waits then is
/// told that there is no room.
constexpr std::chrono::milliseconds kTimeForOthers{250};

/// Connections accepted in one turn of the loop. Clients that connect as fast as they are accepted
/// would keep the worker from all that it has.
constexpr int kAcceptsPerTurn = 64;

/// The kernel resets connections that lie unaccepted when a listening socket is closed, and gives
/// no way to stop new ones first. So this drops packets that would begin one: a TCP header with SYN
/// and without ACK. The client's kernel sends it again, and finds the port closed or taken over.
bool drop_new_connections(int descriptor) {
    constexpr std::uint32_t kFlagsOffset = 13;
    constexpr std::uint32_t kSyn = 0x02;
    constexpr std::uint32_t kAck = 0x10;
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsOffset),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSyn | kAck),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSyn, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffffU),
    };
    const sock_fprog program{std::size(code), code};
    return ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

}  // namespace

Listener::Listener(Worker& worker, ListeningSocket socket)
    : Deadline(worker.deadlines()),
      worker_(worker),
      stream_(worker.context(), *this),
      current_(&worker.add_current(std::move(socket.settings))),
      is_inherited_(socket.is_inherited) {
    stream_.open(socket.descriptor, is_inherited_ ? Stream::Use::inherited : Stream::Use::shared);
}

void Listener::configure(std::shared_ptr<const ListenerSettings> next) {
    const bool is_other = !begins_alike(config(), next->config);
    current_->settings = next;
    if (!is_other) return;
    current_->has_ended = true;
    current_ = &worker_.add_current(std::move(next));
}

void Listener::on_readable() {
    if (accept_waiting(has_left_to_others_ ? kBacklog : kAcceptsPerTurn)) stream_.wait_readable();
}

void Listener::on_deadline() {
    if (is_closing_) {
        close_now();
        return;
    }
    has_left_to_others_ = true;
    on_readable();
    has_left_to_others_ = false;
}

bool Listener::accept_waiting(int most) {
    if (is_inherited_ && !worker_.has_room() && !has_left_to_others_) {
        set(kTimeForOthers);
        return false;
    }
    while (stream_.is_open()) {
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        const int descriptor = ::accept4(stream_.descriptor(), reinterpret_cast<sockaddr*>(&peer),
                                         &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            has_warned_ = false;
            worker_.accept(descriptor, peer, *current_);
            const bool takes_turns = is_inherited_ && (!has_left_to_others_ || worker_.has_room());
            if (!takes_turns && --most > 0) continue;
            stream_.yield();
            return false;
        }
        if (would_block(errno)) return true;
        if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
        // Out of descriptors or memory: the connection stays in the queue, so there is no new
        // event.
        if (!has_warned_)
            log_warn(std::string("cannot accept connections: ") + std::strerror(errno) +
                     " (raise the limit of open files)");
        has_warned_ = true;
        set(std::chrono::milliseconds(100));
        return false;
    }
    return false;
}

void Listener::close() {
    if (is_closing_ || !stream_.is_open()) return;
    if (is_inherited_ || !drop_new_connections(stream_.descriptor())) {
        close_now();
        return;
    }
    is_closing_ = true;
    set(kHandshakeTime);
}

void Listener::close_now() {
    clear();
    if (!is_inherited_) accept_waiting(kBacklog);
    clear();
    stream_.close();
}

}  // namespace net
}  // namespace kwikgate::gateway
