#include "gateway/admin/server.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <thread>

#include "auth/address_text.hpp"
#include "auth/ip_rules.hpp"
#include "gateway/admin/api.hpp"
#include "gateway/admin/guests.hpp"
#include "gateway/admin/health_api.hpp"
#include "gateway/admin/session.hpp"
#include "gateway/net/tls.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway::admin {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Protocol = asio::generic::stream_protocol;

namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::minutes kLeastBetweenReports{1};

using Clock = std::chrono::steady_clock;

/// The endpoint of "127.0.0.1:9180", "[::1]:9180" or "unix:path", as the configuration checked it.
Protocol::endpoint endpoint_of(const AdminConfig& config) {
    std::string_view address = config.address;
    if (config.is_unix_socket()) {
        return asio::local::stream_protocol::endpoint(
            std::string(address.substr(kUnixPrefix.size())));
    }
    const auto parsed = auth::parse_address_text(address);
    const std::string text(parsed ? parsed->text : std::string_view());
    return asio::ip::tcp::endpoint(asio::ip::make_address(text), parsed ? parsed->port : 0);
}

Peer peer_of(const Protocol::endpoint& endpoint) {
    Peer peer;
    if (endpoint.data()->sa_family == AF_UNIX || endpoint.size() == 0) {
        peer.is_local = true;
    } else if (endpoint.data()->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, endpoint.data(), sizeof v4);
        peer.address.bytes[10] = peer.address.bytes[11] = 0xff;
        std::memcpy(&peer.address.bytes[12], &v4.sin_addr, 4);
    } else if (endpoint.data()->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, endpoint.data(), sizeof v6);
        std::memcpy(peer.address.bytes.data(), &v6.sin6_addr, 16);
    }
    peer.is_local = peer.is_local || auth::is_loopback(peer.address);
    return peer;
}

std::string port_text(const Protocol::endpoint& endpoint) {
    if (endpoint.data()->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, endpoint.data(), sizeof v6);
        return std::to_string(ntohs(v6.sin6_port));
    }
    sockaddr_in v4{};
    std::memcpy(&v4, endpoint.data(), sizeof v4);
    return std::to_string(ntohs(v4.sin_port));
}

/// A socket file that a process before us left behind stands in the way; one that somebody serves
/// stays.
void remove_stale_socket(const AdminConfig& config) {
    const std::string path = config.address.substr(kUnixPrefix.size());
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    asio::io_context context;
    asio::local::stream_protocol::socket probe(context);
    ErrorCode error;
    probe.connect(asio::local::stream_protocol::endpoint(path), error);
    if (error == asio::error::connection_refused) ::unlink(path.c_str());
}

}  // namespace

class Server::Listener {
  public:
    /// `name` is that of its key in the configuration.
    Listener(std::string name, const AdminConfig& config, AdminCounters& counters)
        : name_(std::move(name)), config_(config), guests_(config.max_connections, counters) {}
    ~Listener() {
        stop();
        if (has_socket_file_) ::unlink(config_.address.substr(kUnixPrefix.size()).c_str());
    }

    /// What is answered with, before `open`. It may refer to `config`.
    void answer_with(Handler handler) { handler_ = std::move(handler); }
    const AdminConfig& config() const { return config_; }
    std::string open();
    Certificate read_certificate(std::string& error) const;
    /// Before the loop's thread runs.
    const Certificate& certificate() const { return certificate_; }
    /// Of the loop's thread, once that runs.
    void use(Certificate certificate);
    void use_soon(Certificate certificate) {
        asio::post(context_,
                   [this, next = std::move(certificate)]() mutable { use(std::move(next)); });
    }
    void stop() {
        context_.stop();
        if (thread_.joinable()) thread_.join();
    }
    void run() {
        thread_ = std::thread([this] { serve_until_stopped(); });
    }

  private:
    using Socket = asio::basic_stream_socket<Protocol, asio::io_context::executor_type>;
    using Acceptor = asio::basic_socket_acceptor<Protocol, asio::io_context::executor_type>;

    void serve_until_stopped();
    std::string bind(const Protocol::endpoint& endpoint);
    void accept();
    void serve(Socket socket);
    bool make_room();
    template <class Stream>
    void begin(Stream stream, const Peer& peer);

    const std::string name_;
    const AdminConfig config_;
    Guests guests_;
    Clock::time_point told_at_{};
    Handler handler_;
    // Before the loop, whose last sessions leave as it is destroyed.
    Certificate certificate_;
    std::optional<asio::ssl::context> tls_;  ///< Refers to the one above.
    asio::io_context context_{1};
    Acceptor acceptor_{context_.get_executor()};
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>,
                               asio::io_context::executor_type>
        pause_{context_.get_executor()};
    bool has_socket_file_ = false;
    std::thread thread_;
};

/// What one call could not cope with (memory, say) ends its connection, not the gateway.
void Server::Listener::serve_until_stopped() {
    while (!context_.stopped()) {
        try {
            context_.run();
        } catch (const std::exception& error) {
            log_error(name_ + ": a call failed: " + error.what());
        }
    }
}

std::string Server::Listener::bind(const Protocol::endpoint& endpoint) {
    ErrorCode error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error && !config_.is_unix_socket())
        acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) {
        // Nobody else may open the socket, not even between bind and chmod.
        const mode_t before = ::umask(0177);
        acceptor_.bind(endpoint, error);
        ::umask(before);
    }
    if (!error) has_socket_file_ = config_.is_unix_socket();
    if (!error) acceptor_.listen(128, error);
    if (!error) return {};
    return "cannot listen on " + config_.address + " (" + name_ + "): " + error.message() +
           (error == asio::error::address_in_use
                ? "; another process has it: stop it or change " + name_ + ".address"
                : "");
}

Server::Certificate Server::Listener::read_certificate(std::string& error) const {
    if (config_.certificate_file.empty()) return nullptr;
    ListenerTlsConfig tls;
    tls.certificates = {config_.certificate_file};
    Certificate certificate = net::ServerTls::load(tls, error);
    if (certificate == nullptr) error = "admin.certificate_file: " + error;
    return certificate;
}

void Server::Listener::use(Certificate certificate) {
    ::SSL_CTX_up_ref(certificate->default_context());
    tls_.emplace(certificate->default_context());
    certificate_ = std::move(certificate);
}

std::string Server::Listener::open() {
    std::string unreadable;
    if (auto certificate = read_certificate(unreadable)) use(std::move(certificate));
    if (!unreadable.empty()) return unreadable;
    if (config_.is_unix_socket()) remove_stale_socket(config_);
    if (auto error = bind(endpoint_of(config_)); !error.empty()) return error;
    std::string where = config_.address;
    if (!config_.is_unix_socket())
        where = where.substr(0, where.rfind(':') + 1) + port_text(acceptor_.local_endpoint());
    log_info(name_ + ": serving " + where + (tls_ ? " (TLS)" : ""));
    accept();
    return {};
}

void Server::Listener::accept() {
    acceptor_.async_accept([this](const ErrorCode& error, Socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) {
            serve(std::move(socket));
            accept();
            return;
        }
        // Out of descriptors: go on when some may be free again.
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](const ErrorCode& cancelled) {
            if (!cancelled) accept();
        });
    });
}

void Server::Listener::serve(Socket socket) {
    ErrorCode error;
    const Protocol::endpoint remote = socket.remote_endpoint(error);
    if (error || !make_room()) return;
    PlainStream stream(std::move(socket));
    if (tls_) {
        begin(TlsStream(std::move(stream), *tls_), peer_of(remote));
    } else {
        begin(std::move(stream), peer_of(remote));
    }
}

bool Server::Listener::make_room() {
    const bool is_full = guests_.size() >= config_.max_connections;
    const auto now = Clock::now();
    if (is_full && (told_at_ == Clock::time_point{} || now - told_at_ >= kLeastBetweenReports)) {
        told_at_ = now;
        log_warn(name_ + ": all " + std::to_string(config_.max_connections) +
                 " connections are taken: a new one takes the place of "
                 "one that is not logged in, or is closed");
    }
    return guests_.make_room();
}

template <class Stream>
void Server::Listener::begin(Stream stream, const Peer& peer) {
    // Holds the certificate that the connection began with.
    const auto leave = [this, certificate = certificate_](const Guest& guest) {
        guests_.leave(guest);
    };
    const auto session =
        std::make_shared<Session<Stream>>(std::move(stream), peer, handler_, guests_, leave);
    guests_.enter(*session);
    session->start();
}

Server::Server() = default;
Server::~Server() = default;

void Server::stop() {
    if (listener_) listener_->stop();
}

Server::Certificate Server::read_certificate(std::string& error) const {
    return listener_ ? listener_->read_certificate(error) : nullptr;
}

void Server::adopt(Certificate certificate) {
    if (!listener_ || !certificate) return;
    certificate_ = certificate;
    listener_->use_soon(std::move(certificate));
}

std::string Server::start(Services services, const AdminConfig& config) {
    if (config.address.empty()) return {};
    auto listener = std::make_unique<Listener>("admin", config, services.counters);
    const auto api = std::make_shared<Api>(std::move(services), listener->config());
    listener->answer_with([api](const AdminRequest& request, const Api::Respond& respond) {
        api->handle(request, respond);
    });
    return serve(std::move(listener));
}

std::string Server::start(const Services& services, const HealthListenerConfig& config) {
    if (config.address.empty()) return {};
    AdminConfig settings;
    settings.address = config.address;
    auto listener = std::make_unique<Listener>("health", settings, services.counters);
    const auto api = std::make_shared<HealthApi>(services, config.metrics);
    listener->answer_with([api](const AdminRequest& request, const Api::Respond& respond) {
        respond(api->handle(request));
    });
    return serve(std::move(listener));
}

std::string Server::serve(std::unique_ptr<Listener> listener) {
    if (auto error = listener->open(); !error.empty()) return error;
    certificate_ = listener->certificate();
    listener->run();
    listener_ = std::move(listener);
    return {};
}

}  // namespace kwikgate::gateway::admin
