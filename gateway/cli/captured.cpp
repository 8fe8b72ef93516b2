#include "gateway/cli/captured.hpp"

#include "gateway/cli/input.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kMaxCaptureBytes = std::size_t{1} << 30;

}  // namespace

CliResult<CaptureEntry> read_capture(const std::string& file, const std::string& request_id) {
    if (request_id.empty()) return misused("--captured needs a request id");
    if (file.empty())
        return misused(
            "the configuration has no access_log.debug_capture.file; name one by --capture-file");
    const auto lines = read_input(file, kMaxCaptureBytes);
    if (lines.has_error()) return lines.error();
    auto entry = find_capture(*lines, request_id);
    if (!entry) return failed(file + " has no request " + request_id);
    return std::move(*entry);
}

}  // namespace kwikgate::gateway::cli
