#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "gateway/net/tls.hpp"

namespace kwikgate::gateway::net {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;
constexpr std::size_t kMaxSubjectBytes = 1024;

TlsChannel& channel_of(BIO* transport) {
    return *static_cast<TlsChannel*>(BIO_get_data(transport));
}

int transport_write(BIO* transport, const char* data, int size) {
    bool would_block = false;
    BIO_clear_retry_flags(transport);
    const int sent = channel_of(transport).send(data, static_cast<std::size_t>(size), would_block);
    if (would_block) BIO_set_retry_write(transport);
    return sent;
}

int transport_read(BIO* transport, char* data, int size) {
    bool would_block = false;
    BIO_clear_retry_flags(transport);
    const int got =
        channel_of(transport).receive(data, static_cast<std::size_t>(size), would_block);
    if (would_block) BIO_set_retry_read(transport);
    return got;
}

long transport_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// OpenSSL's own socket transport raises SIGPIPE, and does not tell whether the socket is empty.
BIO_METHOD* transport_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "descriptor");
        BIO_meth_set_write(made, transport_write);
        BIO_meth_set_read(made, transport_read);
        BIO_meth_set_ctrl(made, transport_control);
        return made;
    }();
    return method;
}

/// One record's worth of what is to be written, without a copy where the first piece fills it.
std::span<const char> next_record(std::span<const iovec> buffers) {
    thread_local std::array<char, kRecordBytes> record;
    std::size_t size = 0;
    for (const iovec& piece : buffers) {
        if (size == 0 && piece.iov_len >= kRecordBytes)
            return {static_cast<const char*>(piece.iov_base), kRecordBytes};
        const std::size_t part = std::min(piece.iov_len, kRecordBytes - size);
        std::memcpy(record.data() + size, piece.iov_base, part);
        size += part;
        if (size == kRecordBytes) break;
    }
    return {record.data(), size};
}

/// The macro that OpenSSL has for it casts in a way that this project refuses.
bool ask_for_name(SSL* ssl, std::string name) {
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

}  // namespace

void TlsChannel::SslDelete::operator()(ssl_st* ssl) const noexcept {
    SSL_free(ssl);
}

TlsChannel::~TlsChannel() = default;

bool TlsChannel::attach(ssl_ctx_st* context) {
    ssl_.reset(SSL_new(context));
    BIO* transport = BIO_new(transport_method());
    if (ssl_ == nullptr || transport == nullptr) {
        BIO_free(transport);
        return false;
    }
    BIO_set_data(transport, this);
    BIO_set_init(transport, 1);
    SSL_set_bio(ssl_.get(), transport, transport);
    return true;
}

std::unique_ptr<TlsChannel> TlsChannel::accept(const ServerTls& tls, int descriptor) {
    std::unique_ptr<TlsChannel> channel(new TlsChannel(descriptor));
    if (!channel->attach(tls.default_context())) return nullptr;
    SSL_set_accept_state(channel->ssl_.get());
    return channel;
}

std::unique_ptr<TlsChannel> TlsChannel::connect(const ClientTls& tls, int descriptor,
                                                const std::string& server_name) {
    std::unique_ptr<TlsChannel> channel(new TlsChannel(descriptor));
    if (!channel->attach(tls.context())) return nullptr;
    SSL* ssl = channel->ssl_.get();
    SSL_set_connect_state(ssl);
    X509_VERIFY_PARAM* check = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(check, server_name.c_str()) == 1) return channel;
    X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(ssl, server_name.c_str()) != 1 || !ask_for_name(ssl, server_name))
        return nullptr;
    return channel;
}

int TlsChannel::receive(char* data, std::size_t size, bool& would_block) {
    for (;;) {
        const ssize_t n = ::recv(descriptor_, data, size, 0);
        is_drained_ = n < 0 || (n > 0 && static_cast<std::size_t>(n) < size);
        if (n >= 0) return static_cast<int>(n);
        if (errno == EINTR) continue;
        would_block = net::would_block(errno);
        return -1;
    }
}

int TlsChannel::send(const char* data, std::size_t size, bool& would_block) {
    for (;;) {
        const ssize_t n = ::send(descriptor_, data, size, MSG_NOSIGNAL);
        if (n >= 0) return static_cast<int>(n);
        if (errno == EINTR) continue;
        would_block = net::would_block(errno);
        return -1;
    }
}

IoResult TlsChannel::outcome_of(int result) {
    wants_write_ = false;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_NONE:
            return {IoStatus::done, 0};
        case SSL_ERROR_WANT_READ:
            return {IoStatus::would_block, 0};
        case SSL_ERROR_WANT_WRITE:
            wants_write_ = true;
            return {IoStatus::would_block, 0};
        case SSL_ERROR_ZERO_RETURN:
            return {IoStatus::closed, 0};
        default:
            has_failed_ = true;
            error_ = ERR_peek_last_error();
            ERR_clear_error();
            return {IoStatus::failed, 0};
    }
}

IoResult TlsChannel::handshake() {
    if (has_failed_) return {IoStatus::failed, 0};
    ERR_clear_error();
    return outcome_of(SSL_do_handshake(ssl_.get()));
}

bool TlsChannel::is_established() const {
    return SSL_is_init_finished(ssl_.get()) == 1;
}

IoResult TlsChannel::read(std::span<char> buffer) {
    if (has_failed_) return {IoStatus::failed, 0};
    std::size_t bytes = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &bytes);
    if (result == 1) return {IoStatus::done, bytes};
    return outcome_of(result);
}

IoStatus TlsChannel::peek() {
    if (has_failed_) return IoStatus::failed;
    char byte = 0;
    std::size_t bytes = 0;
    ERR_clear_error();
    return outcome_of(SSL_peek_ex(ssl_.get(), &byte, 1, &bytes)).status;
}

IoResult TlsChannel::write(std::span<const iovec> buffers) {
    if (has_failed_) return {IoStatus::failed, 0};
    const std::span<const char> record = next_record(buffers);
    std::size_t bytes = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_.get(), record.data(), record.size(), &bytes);
    if (result == 1) return {IoStatus::done, bytes};
    const IoResult outcome = outcome_of(result);
    // There is no renegotiation: a write that waits for bytes to read would wait for ever.
    if (outcome.status == IoStatus::would_block && !wants_write_) return {IoStatus::failed, 0};
    return outcome;
}

bool TlsChannel::may_have_more() const {
    return !is_drained_ || SSL_has_pending(ssl_.get()) == 1;
}

void TlsChannel::close_notify() {
    if (has_failed_ || !is_established()) return;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

std::string TlsChannel::failure() const {
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
    const char* reason = ERR_reason_error_string(error_);
    return reason == nullptr ? "the connection ended" : reason;
}

std::string TlsChannel::peer_subject() const {
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
    const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free);
    if (text == nullptr ||
        X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0)
        return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    if (size <= 0 || static_cast<std::size_t>(size) > kMaxSubjectBytes) return {};
    return {data, static_cast<std::size_t>(size)};
}

const char* TlsChannel::version() const {
    return SSL_get_version(ssl_.get());
}

}  // namespace kwikgate::gateway::net
