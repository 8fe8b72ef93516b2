#pragma once

#include "gateway/admin/services.hpp"

namespace kwikgate::gateway::admin {

/// What the health listener serves: /healthz, /readyz and, where the configuration says so,
/// /metrics. No credential is asked for, and nothing else is there. **Threads**: that listener's.
class HealthApi {
  public:
    /// **Errors**: throws std::runtime_error when the store gives no reader.
    HealthApi(const Services& services, bool serves_metrics);
    AdminResponse handle(const AdminRequest& request);

  private:
    Services services_;
    store::Reader reader_;
    bool serves_metrics_;
};

}  // namespace kwikgate::gateway::admin
