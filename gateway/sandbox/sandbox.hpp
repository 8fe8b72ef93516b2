#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// A small stand-in for the Kwik API, for trying the gateway and testing it. Never on a path where
/// speed counts.
namespace kwikgate::gateway::sandbox {

struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 9090;           ///< 0: any free one.
    std::chrono::milliseconds delay{0};  ///< Before every answer.
    std::string_view routes;             ///< The text of a routes file.
    /// Called once it listens, with the port.
    std::function<void(std::uint16_t)> on_ready;
};

/// Answers every route of the table with a plausible Kwik body that also holds, under "echo", what
/// was received: so a caller sees what reached the upstream. `GET /sandbox/requests` counts what
/// came.
/// **Threads**: runs in the caller's, until SIGTERM or SIGINT; requests under way get five seconds.
/// **Errors**: a line that says what failed and what to do; empty when it ended well.
std::optional<std::string> run(const Options& options);

}  // namespace kwikgate::gateway::sandbox
