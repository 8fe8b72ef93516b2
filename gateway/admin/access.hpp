#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/admin/login_tickets.hpp"
#include "gateway/admin/message.hpp"
#include "gateway/admin/sessions.hpp"
#include "gateway/config/config.hpp"
#include "gateway/pipeline/address_limiter.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway::admin {

/// What an operation asks of its caller. Each holds all before it.
enum class Role : std::uint8_t { nobody, viewer, admin };
std::string_view to_token(Role role);

/// Whose key it was.
struct Caller {
    std::string key_id;
    std::string name;
    Role role = Role::nobody;
    std::optional<store::Timestamp> session_expires_at;  ///< Set for a console session.

    /// As the audit log names it.
    std::string actor() const { return "admin:" + key_id; }
};

/// What somebody logs in with: one of both.
struct Login {
    auth::SecretString key;
    auth::SecretString ticket;
};

/// Who is calling: admin keys as bearers, and the console's sessions. A key that was deleted is
/// refused at once, and so are its sessions. Failed attempts are limited by address; a right key
/// is never refused for the failures of others. **Threads**: the admin listener's.
class Access {
  public:
    static constexpr std::string_view kCookie = "kwikgate_session";
    /// Failures from one address: so many at once, and so many a minute.
    static constexpr std::uint32_t kFailureBurst = 5;
    static constexpr std::uint32_t kFailuresPerMinute = 6;

    Access(const AdminConfig& config, const auth::MasterKey& key, store::Timestamp started_at);

    /// Whether the request was meant for this listener: names that a stranger's DNS could point
    /// here are refused, so that no web page of theirs reads answers in the browser of an admin.
    bool is_own_host(std::string_view host) const;
    /// As somebody names it who is on this machine.
    static bool is_address_or_localhost(std::string_view host);
    /// The caller, or the refusal.
    std::variant<Caller, AdminResponse> identify(const AdminRequest& request, store::Reader& reader,
                                                 store::Timestamp now);
    /// What the browser is given of a new session.
    struct NewSession {
        std::string set_cookie;
        auth::SecretString page_key;  ///< For the page, which sends it with each call.
    };
    /// A new console session for the holder of an admin key, or of a login link's ticket.
    std::variant<Caller, AdminResponse> log_in(const AdminRequest& request, const Login& login,
                                               store::Reader& reader, store::Timestamp now,
                                               NewSession& opened);
    /// Ends the session of the request, if it names both halves of one, and returns what takes its
    /// cookie away.
    std::string log_out(const AdminRequest& request);

  private:
    using Found = std::variant<Caller, AdminResponse>;
    Found by_key(const AdminRequest& request, std::string_view key, store::Reader& reader);
    Found by_session(const AdminRequest& request, std::string_view cookie, store::Reader& reader,
                     store::Timestamp now);
    Found by_ticket(const AdminRequest& request, std::string_view ticket, store::Reader& reader,
                    store::Timestamp now);
    AdminResponse refuse(const AdminRequest& request, AdminResponse answer);
    AdminResponse refuse_key(const AdminRequest& request);

    const AdminConfig& config_;
    Sessions sessions_;
    LoginTickets tickets_;
    AddressLimiter failures_;
};

/// Whether a browser made the call from a page of this listener. Calls without these fields, which
/// no browser leaves out when it changes something, are refused with a session.
bool is_same_origin(const AdminRequest& request);

}  // namespace kwikgate::gateway::admin
