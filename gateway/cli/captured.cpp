#include "gateway/cli/captured.hpp"

#include <optional>
#include <string_view>

#include "auth/credential.hpp"
#include "auth/time_text.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/telemetry/redaction.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kMaxCaptureBytes = std::size_t{1} << 30;
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

/// True when there was something to replace.
bool replace_all(std::string& text, std::string_view what, std::string_view with) {
    bool is_found = false;
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
        is_found = true;
    }
    return is_found;
}

std::string api_key_of(const std::string& token_id, store::Store& store) {
    auto reader = store.reader();
    if (token_id.empty() || !reader) return {};
    const auto snapshot = reader->snapshot();
    if (!snapshot) return {};
    const auto token = snapshot->token_by_id(token_id);
    return token && *token ? std::string((*token)->api_key) : std::string();
}

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

void restore_request(const CaptureEntry& entry, store::Store& store, SavedText& out) {
    out.raw = entry.head;
    const std::string api_key = api_key_of(entry.token, store);
    if (!api_key.empty()) replace_all(out.raw, auth::partial_credential(api_key), api_key);
    out.notes.push_back("the gateway answered this request " + std::to_string(entry.status) + " " +
                        entry.reason + " in phase " + entry.phase + ", at " +
                        auth::to_text(entry.at));
    if (entry.left_out != 0)
        out.notes.push_back(std::to_string(entry.left_out) +
                            " field values are not in the capture, nor is the body");
    if (replace_all(out.raw, kEllipsis, "...") || out.raw.find(kRedacted) != std::string::npos)
        out.notes.emplace_back(
            "what the capture shortened or redacted was something else when it was signed");
}

}  // namespace kwikgate::gateway::cli
