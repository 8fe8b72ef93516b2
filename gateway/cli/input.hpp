#pragma once

#include <cstddef>
#include <string>

#include "auth/secret.hpp"
#include "gateway/cli/command.hpp"

/// What commands read besides their arguments: files, standard input, secrets.
namespace kwikgate::gateway::cli {

/// The whole of a file, or of standard input for "-". A longer one than `limit` is a failure.
CliResult<std::string> read_input(const std::string& file, std::size_t limit);

/// A secret from `file` ("-" is standard input), else from the environment variable. One line break
/// at its end is not part of it. `what` names it in messages, `flag` the flag that names the file.
CliResult<auth::SecretString> read_secret(const std::string& file, const char* variable,
                                          const std::string& what, const std::string& flag);

/// Empty when it is not set.
std::string environment_variable(const char* name);

}  // namespace kwikgate::gateway::cli
