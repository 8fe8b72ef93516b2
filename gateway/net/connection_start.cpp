#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "gateway/http/client_origin.hpp"
#include "gateway/net/connection.hpp"
#include "gateway/net/proxy_header.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/telemetry/log.hpp"

/// How a connection begins: the peer, a PROXY header, the handshake of TLS.
namespace kwikgate::gateway::net {
namespace {

auth::IpAddress to_ip(const sockaddr_storage& peer) {
    auth::IpAddress address;
    if (peer.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
        address.bytes[10] = address.bytes[11] = 0xff;
        std::memcpy(&address.bytes[12], &v4.sin_addr, 4);
    } else if (peer.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
        std::memcpy(address.bytes.data(), &v6.sin6_addr, 16);
    }
    return address;
}

}  // namespace

void Connection::start(int descriptor, const sockaddr_storage& peer, CurrentListener& listener) {
    listener_ = &listener;
    ++listener_->connections;
    tls_ = listener.settings->tls;
    requests_ = 0;
    client_certificate_.clear();
    set_peer(to_ip(peer));
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    state_ = State::idle;
    const ListenerConfig& config = this->listener();
    const bool is_plain = !config.proxy_protocol && tls_ == nullptr;
    if (!stream_.open(descriptor, is_plain ? Stream::Use::whole : Stream::Use::shared)) {
        finish_close();
        return;
    }
    // A trusted proxy's address stands for many clients. Where it tells the client in a PROXY
    // header, that is counted.
    const bool is_proxy = http::is_trusted(peer_address_, config.trusted_proxies);
    if (!worker_.admit(*this, !is_proxy && !config.proxy_protocol)) return refuse_place(is_plain);
    if (is_plain) return wait_for_request();
    set(worker_.timeouts().header);
    if (!config.proxy_protocol) return begin_session();
    if (!is_proxy) {
        return refuse_preface(ProxyHeaderRefusal::untrusted);
    }
    state_ = State::preface;
    read_preface();
}

void Connection::set_peer(const auth::IpAddress& address) {
    peer_address_ = address;
    peer_text_size_ = static_cast<std::uint8_t>(auth::to_text(address, peer_text_).size());
}

// The header is looked at before it is taken, so that not a byte of what follows (a TLS handshake,
// say) is taken with it.
void Connection::read_preface() {
    std::array<char, kMaxProxyHeaderBytes> bytes;
    const ssize_t n = ::recv(stream_.descriptor(), bytes.data(), bytes.size(), MSG_PEEK);
    if (n < 0 && would_block(errno)) return stream_.wait_readable();
    if (n <= 0) return close_now();
    const ProxyHeader header = parse_proxy_header({bytes.data(), static_cast<std::size_t>(n)});
    if (header.status == ProxyHeader::Status::need_more) return stream_.wait_readable();
    if (header.status == ProxyHeader::Status::malformed) {
        return refuse_preface(ProxyHeaderRefusal::malformed);
    }
    if (::recv(stream_.descriptor(), bytes.data(), header.size, 0) !=
        static_cast<ssize_t>(header.size))
        return close_now();
    if (header.has_source) {
        set_peer(header.source);
        if (!worker_.count_address(*this)) return refuse_place(tls_ == nullptr);
    }
    begin_session();
}

void Connection::refuse_place(bool may_answer) {
    if (!may_answer) return close_now();
    exchange_ = worker_.take_exchange();
    state_ = State::exchanging;
    exchange_->begin_refused(*this, auth::Reason::overloaded);
}

/// Closed without an answer: whoever sent this may not speak HTTP. So it is told here.
void Connection::refuse_preface(ProxyHeaderRefusal why) {
    worker_.metrics().proxy_headers_refused[static_cast<std::size_t>(why)].add();
    const auto kept_back = worker_.proxy_header_warnings().take(std::chrono::steady_clock::now());
    if (kept_back) {
        std::string line = "listener " + listener().name + ": connection from " +
                           std::string(peer_text()) + " closed: ";
        line += why == ProxyHeaderRefusal::untrusted
                    ? "it is none of trusted_proxies, which alone may send a PROXY header"
                    : "it began with no PROXY header, or a malformed one";
        if (*kept_back > 0) line += " (and " + std::to_string(*kept_back) + " more such refusals)";
        log_warn(line);
    }
    close_now();
}

void Connection::begin_session() {
    if (tls_ == nullptr) {
        state_ = State::idle;
        return read_requests();
    }
    auto channel = TlsChannel::accept(*tls_, stream_.descriptor());
    if (channel == nullptr) return close_now();
    stream_.start_tls(std::move(channel));
    state_ = State::handshake;
    shake_hands();
}

void Connection::shake_hands() {
    const IoResult result = stream_.tls()->handshake();
    if (result.status == IoStatus::would_block) return stream_.wait_readable();
    if (result.status != IoStatus::done) {
        log_debug("TLS handshake with " + std::string(peer_text()) + ": " +
                  stream_.tls()->failure());
        return close_now();
    }
    client_certificate_ = stream_.tls()->peer_subject();
    state_ = State::idle;
    read_requests();
}

}  // namespace kwikgate::gateway::net
