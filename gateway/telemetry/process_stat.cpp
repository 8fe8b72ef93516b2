#include "gateway/telemetry/process_stat.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <ctime>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace kwikgate::gateway {
namespace {

/// Fields of /proc/self/stat from the third on: the second is a name that may hold spaces.
void read_stat(ProcessStat& out) {
    std::ifstream file("/proc/self/stat");
    std::string line;
    if (!std::getline(file, line)) return;
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    constexpr int kThird = 3;
    std::string text;
    const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    for (int field = kThird; fields >> text && field <= 24; ++field) {
        if (field == 14 || field == 15) out.cpu_seconds += std::stod(text) / ticks;
        if (field == 22) out.started_at_seconds = std::stod(text) / ticks;
        if (field == 24)
            out.resident_bytes =
                std::stoull(text) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }
}

double seconds_of(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Not from /proc/stat, which a hardened unit hides. Found once, so that it stays the same.
double boot_time_seconds() {
    static const double boot = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);
    return boot;
}

}  // namespace

ProcessStat read_process_stat() {
    ProcessStat out;
    read_stat(out);
    out.started_at_seconds += boot_time_seconds();
    std::error_code error;
    const std::filesystem::directory_iterator descriptors("/proc/self/fd", error);
    if (!error)
        out.open_descriptors = static_cast<std::uint64_t>(std::distance(begin(descriptors), {}));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) out.max_descriptors = limit.rlim_cur;
    return out;
}

}  // namespace kwikgate::gateway
