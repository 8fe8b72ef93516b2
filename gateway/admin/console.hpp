#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "gateway/admin/message.hpp"

/// The console: the pages under console/, as Vite made them, which the binary carries.
namespace kwikgate::gateway::admin {

struct ConsoleFile {
    std::string_view path;  ///< "/index.html"; what lies in "/assets/" has its hash in its name.
    std::string_view bytes;
};

/// All of them; none where the build left the console out (KWIKGATE_CONSOLE).
std::span<const ConsoleFile> console_files();

/// What the console has at `path`: a file with all that a browser must be told of it, packed where
/// `accept_encoding` has gzip and the build packed it, or for "/" in a build without the console a
/// 404 that says so. Empty for every other path.
std::optional<AdminResponse> console_response(std::string_view path,
                                              std::string_view accept_encoding = {});

}  // namespace kwikgate::gateway::admin
