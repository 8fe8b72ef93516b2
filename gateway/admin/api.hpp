#pragma once

#include <functional>
#include <string_view>

#include "gateway/admin/access.hpp"
#include "gateway/admin/services.hpp"
#include "gateway/admin/token_api.hpp"

namespace kwikgate::gateway::admin {

class Api;

/// One operation of the API: the table of these is what is served, and what openapi.json is held
/// to.
struct Operation {
    std::string_view method;
    std::string_view path;  ///< "{id}" stands for one segment.
    Role role;              ///< The least that may call it.
};

/// All of them, in the order of the table.
std::vector<Operation> operations();

/// Whether the operation needs no key: nobody needs one, or it is /metrics, which a peer on this
/// machine reads without one where `admin.open_metrics` says so.
bool is_open(const Operation& operation, const AdminConfig& config, const AdminRequest& request);

/// The admin API: finds the operation, asks who calls, and runs it. No sockets.
/// **Threads**: the admin listener's; `Respond` may be called later, from another thread.
class Api {
  public:
    using Respond = std::function<void(AdminResponse)>;

    /// **Errors**: throws std::runtime_error when the store gives no reader.
    Api(Services services, const AdminConfig& config);

    /// Calls `respond` once.
    void handle(const AdminRequest& request, const Respond& respond);

  private:
    friend struct OperationTable;
    void dispatch(const AdminRequest& request, const Respond& respond);

    AdminResponse log_in(const Call& call);
    AdminResponse log_out(const Call& call);
    AdminResponse show_session(const Call& call) const;
    void reload(const Caller& caller, const Respond& respond);

    Services services_;
    const AdminConfig& config_;
    store::Reader reader_;
    Access access_;
    TokenApi tokens_;
};

}  // namespace kwikgate::gateway::admin
