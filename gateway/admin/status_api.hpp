#pragma once

#include "gateway/admin/services.hpp"

/// What the gateway is, holds and does at the moment. **Threads**: the admin listener's.
namespace kwikgate::gateway::admin {

/// Version, configuration, store and replay table.
AdminResponse show_status(Services& services);
/// The catalogue, with what each section is called.
AdminResponse list_sections(store::Reader& reader);
/// The route table as it is in force.
AdminResponse list_routes(const Runtime& runtime);
/// Upstreams with their servers, connections and what became of them.
AdminResponse list_upstreams(const Runtime& runtime, const Metrics& metrics);
/// Totals since the start, for charts that subtract two of them.
AdminResponse show_traffic(const Services& services);

/// The Prometheus exposition.
AdminResponse show_metrics(const Services& services);
/// Whether the process is there: always 200.
AdminResponse healthz();
/// Whether it takes requests: 503 while it drains or cannot read its store.
AdminResponse readyz(const Services& services, store::Reader& reader);

}  // namespace kwikgate::gateway::admin
