#pragma once

#include <memory>
#include <string>

#include "gateway/admin/services.hpp"
#include "gateway/config/config.hpp"

namespace kwikgate::gateway::net {
class ServerTls;
}

namespace kwikgate::gateway::admin {

/// The admin listener: a thread with an event loop of its own, so that nothing it does is felt by a
/// request of the gateway. Keep-alive HTTP/1.1 with limits on connections, sizes and times.
/// **Threads**: its owner's.
class Server {
  public:
    Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// Ends at once; connections are cut.
    ~Server();

    /// Opens the socket and starts the thread. Empty on success, else one line; also when the
    /// configuration names no address: then there is no listener. `config` is copied.
    std::string start(Services services, const AdminConfig& config);
    /// The same for probes and scrapes alone (HealthApi).
    std::string start(const Services& services, const HealthListenerConfig& config);
    using Certificate = std::shared_ptr<const net::ServerTls>;
    /// Reads `admin.certificate_file` anew. Null where there is none, and with one line in `error`.
    Certificate read_certificate(std::string& error) const;
    /// For connections from now on; null changes nothing.
    void adopt(Certificate certificate);
    /// That of new connections; null without TLS.
    const Certificate& certificate() const { return certificate_; }
    /// Ends the thread. What `Services::reload` still holds of an answer may be let go of until the
    /// destructor, no longer.
    void stop();

  private:
    class Listener;
    std::string serve(std::unique_ptr<Listener> listener);

    std::unique_ptr<Listener> listener_;
    Certificate certificate_;
};

}  // namespace kwikgate::gateway::admin
