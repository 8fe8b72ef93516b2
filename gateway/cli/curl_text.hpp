#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwikgate::gateway::cli {

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

/// `text` as one word of a POSIX shell, whatever bytes but NUL it holds.
std::string shell_word(std::string_view text);

/// A request as `curl` is told to send it.
struct CurlRequest {
    std::string_view method;
    std::string_view url;
    const HeaderLines* headers = nullptr;
    std::optional<std::string> data_file;  ///< The body is read from there, or
    std::optional<std::string> data_text;  ///< stands in the command.
};

/// A command that sends exactly this request when it is pasted into a shell, from any directory:
/// curl is kept from changing the path, the method or the body.
std::string curl_command(const CurlRequest& request);

}  // namespace kwikgate::gateway::cli
