#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kwikgate::gateway {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };

/// One metric: what `/metrics` and docs/observability.md say of it.
struct MetricInfo {
    std::string_view name;
    MetricKind kind;
    std::string_view labels;  ///< Names with spaces between; empty for none.
    std::string_view help;
};

/// Every metric, in the order of the exposition. The one list: the exposition takes name, kind and
/// help from it, and tests hold the manual, the alert rules and the dashboard to it.
std::span<const MetricInfo> metric_catalogue();

}  // namespace kwikgate::gateway
