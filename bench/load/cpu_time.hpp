#pragma once

#include <sys/types.h>

#include <vector>

namespace kwikgate::bench {

/// CPU seconds, user and system, that the processes have used so far (/proc/PID/stat), in steps of
/// a clock tick. Throws std::runtime_error when one is gone.
double cpu_seconds(const std::vector<pid_t>& processes);

}  // namespace kwikgate::bench
