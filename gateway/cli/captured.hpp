#pragma once

#include <string>

#include "gateway/cli/command.hpp"
#include "gateway/json/capture_entry.hpp"

namespace kwikgate::gateway::cli {

/// Reads the entry with that request id from a debug capture.
CliResult<CaptureEntry> read_capture(const std::string& file, const std::string& request_id);

}  // namespace kwikgate::gateway::cli
