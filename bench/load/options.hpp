#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/engine.hpp"
#include "bench/load/request_source.hpp"

namespace kwikgate::bench {

/// When the exit status is 1.
struct Thresholds {
    std::optional<double> max_p99_us;
    std::optional<double> max_p50_us;
    std::optional<double> min_rate;
    std::optional<std::uint64_t> max_errors;
};

struct Options {
    LoadPlan load;
    RequestPlan requests;
    Thresholds thresholds;
    bool prints_json = false;
    std::string json_file;
    std::string svg_file;
};

/// Reads the command line and the files it names. When there is nothing to run, `exit_code` is set:
/// help was shown, or what is wrong was printed.
std::optional<Options> read_options(int argc, char** argv, int& exit_code);

}  // namespace kwikgate::bench
