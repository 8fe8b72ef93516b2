#pragma once

/// The command line: one binary with subcommands, a file each.
namespace kwikgate::gateway::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

/// Parses the arguments and runs the command. Returns the exit code; failures print one clear line
/// on standard error that says what to do. Never throws.
int run(int argc, char** argv);

}  // namespace kwikgate::gateway::cli
