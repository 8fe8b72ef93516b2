#pragma once

#include <cstdint>

namespace kwikgate::gateway {

/// What the kernel says of this process. What cannot be read is 0.
struct ProcessStat {
    double started_at_seconds = 0;  ///< Since the Unix epoch.
    double cpu_seconds = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t max_descriptors = 0;
};

ProcessStat read_process_stat();

}  // namespace kwikgate::gateway
