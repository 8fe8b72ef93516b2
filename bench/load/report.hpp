#pragma once

#include <string>
#include <string_view>

#include "bench/load/measurements.hpp"

namespace kwikgate::bench {

/// For a person, on a terminal.
std::string text_report(const Measurements& measured);
/// One JSON object; times in microseconds.
std::string json_report(const Measurements& measured);
/// Latency over the share of requests that took no longer: a plot that needs nothing but a browser.
std::string svg_report(const Measurements& measured, std::string_view title);

}  // namespace kwikgate::bench
