#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/json/capture_entry.hpp"

/// What somebody saved or pasted to have it explained, as a request. Nothing is executed, no file
/// is opened and no variable is looked up. What was pasted may hold credentials: neither a note nor
/// an error repeats any of it but names of options and fields.
namespace kwikgate::gateway {

enum class PastedFormat : std::uint8_t {
    raw,           ///< Head and body as they were on the wire, line ends aside.
    curl_command,  ///< A command line for a POSIX shell.
    curl_output,   ///< What `curl -v` writes.
    http_file,     ///< The first request of a `.http` file.
    capture,       ///< The last entry of a debug capture.
};
std::string_view to_token(PastedFormat format);

/// A command or a `.http` file with more is not understood.
inline constexpr std::size_t kMaxCommandBytes = std::size_t{4} << 20;

struct PastedRequest {
    PastedFormat format = PastedFormat::raw;
    std::string raw;                      ///< Head and body. Empty for a capture.
    std::string scheme;                   ///< Of its URL; empty: it names none.
    std::optional<CaptureEntry> capture;  ///< Set for a capture.
    std::vector<std::string> notes;       ///< A clause for each thing that was assumed or left out.
    std::string error;  ///< What is not understood, and what to do; empty: all of it is.
};

/// Finds out the format, and reads it. A text of no known format is `raw`. **Cost**: linear.
PastedRequest read_pasted(std::string_view text);

/// The `error` of a text in which no command is curl.
inline constexpr std::string_view kNoCurlCommand = "there is no curl command";

/// The readers of the formats.
PastedRequest read_curl_command(std::string_view text);
PastedRequest read_curl_output(std::string_view text);
PastedRequest read_http_file(std::string_view text);

}  // namespace kwikgate::gateway
