#pragma once

#include <optional>
#include <string>

#include "gateway/config/config.hpp"

namespace kwikgate::gateway {

/// The running gateway: builds the object graph by hand, opens store and listeners, runs the
/// workers, reloads on SIGHUP and drains on SIGTERM or SIGINT.
///
/// Returns when drained: empty on success, else one line that says what failed and what to do
/// (occupied port, unreadable key, read-only store …). `workers` overrides the configuration.
std::optional<std::string> serve(const Config& config, std::optional<unsigned> workers);

}  // namespace kwikgate::gateway
