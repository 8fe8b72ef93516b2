#pragma once

#include <sys/resource.h>

namespace kwikgate::bench {

/// As many open files as the system lets this process have.
inline void allow_open_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace kwikgate::bench
