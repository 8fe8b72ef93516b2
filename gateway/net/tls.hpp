#pragma once

#include <sys/uio.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/net/io_result.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace kwikgate::gateway {
struct ListenerTlsConfig;
struct UpstreamTlsConfig;
}  // namespace kwikgate::gateway

namespace kwikgate::gateway::net {

struct SslContextDelete {
    void operator()(ssl_ctx_st* context) const noexcept;
};
using SslContext = std::unique_ptr<ssl_ctx_st, SslContextDelete>;

/// A certificate and the names it is for.
struct ServerCertificate {
    SslContext context;
    std::vector<std::string> names;  ///< Lower case; "*.example.com" stands for one label.
};

/// What a listener needs to speak TLS: certificates chosen by the name that the client asks for.
/// Immutable, shared by the workers' connections; a reload makes another one.
class ServerTls {
  public:
    /// Reads all files. Returns null and one line in `error` when one cannot be used.
    static std::shared_ptr<const ServerTls> load(const ListenerTlsConfig& config,
                                                 std::string& error);

    ssl_ctx_st* default_context() const { return certificates_.front().context.get(); }
    /// The certificate for a name; the first one where none has it.
    ssl_ctx_st* find(std::string_view name) const;
    /// When the first of them expires, seconds since 1970.
    std::uint64_t expires_at() const { return expires_at_; }

  private:
    std::vector<ServerCertificate> certificates_;
    std::uint64_t expires_at_ = UINT64_MAX;
};

/// What an upstream's https servers are spoken to with: trust, the gateway's own certificate.
class ClientTls {
  public:
    static std::shared_ptr<const ClientTls> load(const UpstreamTlsConfig& config,
                                                 std::string& error);
    ssl_ctx_st* context() const { return context_.get(); }

  private:
    SslContext context_;
};

/// TLS over one non-blocking descriptor, which it borrows. Reads ahead, so that a record costs one
/// receive; knows whether more may lie in the descriptor, for edge-triggered readiness.
/// **Threads**: one. **Cost**: per connection some 10 KiB while a record is in flight, little while
/// it idles; per write one copy into records of up to 16 KiB.
class TlsChannel {
  public:
    /// Towards a client. Null when memory is short.
    static std::unique_ptr<TlsChannel> accept(const ServerTls& tls, int descriptor);
    /// Towards a server: its certificate must be good for `server_name` (a host name or an IP).
    static std::unique_ptr<TlsChannel> connect(const ClientTls& tls, int descriptor,
                                               const std::string& server_name);
    ~TlsChannel();
    TlsChannel(const TlsChannel&) = delete;
    TlsChannel& operator=(const TlsChannel&) = delete;

    /// Drives the handshake: `done`, `would_block` (see `wants_write`) or `failed`. A read does
    /// that too.
    IoResult handshake();
    bool is_established() const;
    /// The handshake waits for room to write, not for bytes to read.
    bool wants_write() const { return wants_write_; }

    /// `closed` only after the peer's close_notify: an end without one is `failed`, since the data
    /// may have been cut (RFC 8446, 6.1).
    IoResult read(std::span<char> buffer);
    IoResult write(std::span<const iovec> buffers);
    /// What the next read would come to, without taking a byte of it.
    IoStatus peek();
    /// False when a read is sure to find nothing until the descriptor has an event.
    bool may_have_more() const;
    /// Tells the peer that nothing follows; one send, best effort.
    void close_notify();
    /// Why it failed, for the log: OpenSSL's reason or what is wrong with the certificate.
    std::string failure() const;
    /// The subject of the peer's verified certificate (RFC 4514, ASCII); empty: it sent none.
    std::string peer_subject() const;
    const char* version() const;

    // For the transport beneath OpenSSL.
    int receive(char* data, std::size_t size, bool& would_block);
    int send(const char* data, std::size_t size, bool& would_block);

  private:
    explicit TlsChannel(int descriptor) : descriptor_(descriptor) {}
    bool attach(ssl_ctx_st* context);
    IoResult outcome_of(int result);

    struct SslDelete {
        void operator()(ssl_st* ssl) const noexcept;
    };
    std::unique_ptr<ssl_st, SslDelete> ssl_;
    int descriptor_;
    bool is_drained_ = false;
    bool wants_write_ = false;
    bool has_failed_ = false;
    unsigned long error_ = 0;
};

}  // namespace kwikgate::gateway::net
