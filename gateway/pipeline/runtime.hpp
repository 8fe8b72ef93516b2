#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/vocabulary.hpp"
#include "gateway/config/config.hpp"
#include "gateway/net/listener_settings.hpp"
#include "gateway/pipeline/route_table.hpp"
#include "gateway/proxy/upstream.hpp"
#include "gateway/telemetry/sampler.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {
class SectionCatalogue;
}

namespace kwikgate::gateway {

/// A whole configuration made ready to serve: immutable, swapped by a reload, shared by the
/// workers.
struct Runtime {
    Config config;
    RouteTable routes;
    std::vector<std::shared_ptr<const net::ListenerSettings>> listeners;
    std::vector<proxy::Upstream> upstreams;
    Sampler sampler;
    int live_upstream = -1;
    int test_upstream = -1;

    /// Which upstream a request goes to; -1 when its environment has none here.
    int upstream_for(const Route& route, auth::Environment environment) const {
        if (route.upstream_index >= 0) return route.upstream_index;
        return environment == auth::Environment::live ? live_upstream : test_upstream;
    }
};

struct BuiltRuntime {
    std::shared_ptr<Runtime> runtime;
    std::string error;  ///< One line; `runtime` is null then.
};

/// Builds the route table, loads certificates and resolves the upstreams. Blocking. Changes
/// nothing: sections that the store lacks have numbers that it may give them, until
/// `number_sections`. Servers that `previous` has too keep their addresses and their health.
BuiltRuntime build_runtime(const Config& config, store::Store& store,
                           const Runtime* previous = nullptr);

/// Gives every route the number of its section in the store, before anything is served. The
/// catalogue holds all of them: it is what registering the configuration's sections gave.
void number_sections(Runtime& runtime, const auth::SectionCatalogue& catalogue);

/// As much of it as judging takes: no server is looked up, no certificate is loaded.
BuiltRuntime build_judging_runtime(const Config& config, store::Store& store);

}  // namespace kwikgate::gateway
