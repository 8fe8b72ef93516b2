#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "bench/load/histogram.hpp"
#include "bench/load/mix.hpp"

namespace kwikgate::bench {

/// What was seen of answers of one kind of request.
struct KindCount {
    std::uint64_t sent = 0;
    /// By status and, where the answer named one, reason: (401, "nonce_replayed").
    std::map<std::pair<unsigned, std::string>, std::uint64_t> answers;
};

/// What a thread measured, of the requests that were answered inside the measured time.
struct Measurements {
    Histogram latency;
    Histogram served_latency;  ///< Of those alone that got what they should: not of what was shed.
    std::array<KindCount, kKindCount> kinds;
    std::uint64_t answered = 0;
    std::uint64_t unexpected = 0;  ///< Accepted what was to be refused, or the other way.
    std::uint64_t timed_out = 0;
    std::uint64_t broken = 0;      ///< Connections that closed or spoke nonsense before an answer.
    std::uint64_t unanswered = 0;  ///< Open loop: due, and not answered when the time was over.
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    double seconds = 0;
    double cpu_seconds = 0;  ///< Of the watched processes; 0 when none is.

    void merge(const Measurements& other);
    /// Everything that should not have happened.
    std::uint64_t errors() const { return unexpected + timed_out + broken; }
    /// True when the answer is what such a request should get.
    bool count(Kind kind, unsigned status, std::string_view reason);
};

}  // namespace kwikgate::bench
