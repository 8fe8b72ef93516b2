#pragma once

#include <string>
#include <string_view>

/// The operational log: start, reload, health, failures. Never one line a request (that is the
/// access log) and never a secret. A line is in its file when the call returns. Kept behind
/// functions, so that no header drags the library in.
namespace kwikgate::gateway {

/// Empty on success. `level` is trace, debug, info, warn or error; `destination` "stderr" or a
/// file. Writes from then on. **Threads**: any may log meanwhile.
std::string open_log(const std::string& level, const std::string& destination);
/// The same in two steps: `switch_log` puts into use what `prepare_log` opened.
std::string prepare_log(const std::string& level, const std::string& destination);
void switch_log();
void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warn(std::string_view message);
void log_error(std::string_view message);

}  // namespace kwikgate::gateway
