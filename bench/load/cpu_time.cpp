#include "bench/load/cpu_time.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace kwikgate::bench {

double cpu_seconds(const std::vector<pid_t>& processes) {
    double ticks = 0;
    for (const pid_t process : processes) {
        std::ifstream file("/proc/" + std::to_string(process) + "/stat");
        std::string text;
        if (!std::getline(file, text))
            throw std::runtime_error("no process " + std::to_string(process));
        // The name in brackets may hold anything; utime and stime are the 12th and 13th after it.
        std::istringstream fields(text.substr(text.rfind(')') + 2));
        std::string skipped;
        for (int i = 0; i < 11; ++i) fields >> skipped;
        double user = 0;
        double system = 0;
        fields >> user >> system;
        ticks += user + system;
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace kwikgate::bench
