#pragma once

#include <filesystem>
#include <string>

#include "gateway/cli/command.hpp"
#include "gateway/json/capture_entry.hpp"
#include "gateway/pipeline/saved_text.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway::cli {

/// Reads the entry with that request id from a debug capture.
CliResult<CaptureEntry> read_capture(const std::string& file, const std::string& request_id);

/// The request as it was sent, as far as the capture and the store tell: the API_KEY, of which the
/// capture holds a part, comes from the store. What is not known is said in `notes`.
void restore_request(const CaptureEntry& entry, store::Store& store, SavedText& out);

}  // namespace kwikgate::gateway::cli
