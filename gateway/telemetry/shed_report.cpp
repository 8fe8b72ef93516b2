#include "gateway/telemetry/shed_report.hpp"

#include <algorithm>
#include <utility>

namespace kwikgate::gateway {

std::string ShedReport::look(SteadyTime now) {
    unsigned workers = 0;
    std::uint64_t worst_delay_us = 0;
    metrics_.each_worker([&](const WorkerMetrics& worker) {
        if (worker.shed_ppm.value() == 0) return;
        ++workers;
        worst_delay_us = std::max(worst_delay_us, worker.delay_us.value());
    });
    const bool is_shedding = workers > 0;
    if (!is_shedding && !is_told_) turned_away_before_ = turned_away();
    if (is_shedding == is_told_) return {};
    if (told_at_ != SteadyTime::min() && now - told_at_ < kLeastBetween) return {};
    is_told_ = is_shedding;
    const SteadyTime told_before = std::exchange(told_at_, now);
    if (is_shedding)
        return std::to_string(workers) + (workers == 1 ? " worker is " : " workers are ") +
               std::to_string(worst_delay_us / 1000) +
               " ms late: a share of new requests is shed (503 overloaded)";
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now - told_before).count();
    return "all workers keep up again: " + std::to_string(turned_away() - turned_away_before_) +
           " requests were answered 503 overloaded in " + std::to_string(seconds) + " s";
}

std::uint64_t ShedReport::turned_away() const {
    std::uint64_t sum = 0;
    metrics_.each_worker([&](const WorkerMetrics& worker) {
        const RequestCounters* counters = worker.find_route(Metrics::kNoRoute);
        if (counters != nullptr)
            sum += counters->refused[static_cast<std::size_t>(auth::Reason::overloaded)].value();
    });
    return sum;
}

}  // namespace kwikgate::gateway
