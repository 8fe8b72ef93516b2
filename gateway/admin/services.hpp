#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/master_key.hpp"
#include "auth/token_service.hpp"
#include "gateway/admin/access.hpp"
#include "gateway/admin/message.hpp"
#include "gateway/admin/target.hpp"
#include "gateway/config/load.hpp"
#include "gateway/pipeline/runtime.hpp"
#include "gateway/telemetry/metrics_text.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway::admin {

/// What came of a reload.
struct ReloadOutcome {
    std::string error;                    ///< Empty: taken.
    std::vector<ConfigProblem> problems;  ///< Of the files, where they were not valid.
};
using ReloadDone = std::function<void(ReloadOutcome)>;

/// What the admin API works on. **Borrows** all of it.
struct Services {
    store::Store& store;
    const auth::MasterKey& master_key;
    MetricSources metrics;
    /// The configuration that new requests follow. **Threads**: any.
    std::function<std::shared_ptr<const Runtime>()> runtime;
    /// Reads the configuration again, on the thread that owns it; `done` runs there. The audit log
    /// says that `actor` did it.
    std::function<void(std::string actor, ReloadDone done)> reload;
    auth::TokenService::Clock clock;
    AdminCounters& counters;
};

/// One call of an operation, after its caller was let in.
struct Call {
    const AdminRequest& request;
    const Target& target;
    std::string_view id;  ///< The {id} of the path.
    const Caller& caller;
};

/// A reader of its own thread. Throws std::runtime_error when the store gives none.
store::Reader make_reader(store::Store& store);

/// The refusal of a change, with the status that fits.
AdminResponse service_problem(const auth::ServiceError& error);
AdminResponse store_problem(const boost::system::error_code& error);

}  // namespace kwikgate::gateway::admin
