#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/cli/private_file.hpp"

namespace kwikgate::gateway::cli {

/// Where a new secret goes: standard output, or a new 0600 file that holds nothing else.
class SecretOutput {
  public:
    /// Makes the file right away when `path` is set: before the secret exists.
    static CliResult<SecretOutput> prepare(const std::string& path);

    /// Writes the secret to the file, if any, and prints the rest. What was handed over so outlasts
    /// a loss of power.
    CliResult<void> deliver(const auth::IssuedToken& issued, const auth::SectionCatalogue& sections,
                            std::string_view headline, bool as_json);

    /// Without it the file goes away again: called when the secret is one.
    void keep();

  private:
    std::optional<PrivateFile> file_;
};

/// `print` for what is shown once: onto the disk where standard output is a file, and with an error
/// where it is a pipe that nobody reads.
CliResult<void> print_durably(std::string_view text);

/// Adds --api-secret-file and --json.
void add_secret_output_flags(Command sub, std::string& secret_file, bool& as_json);

}  // namespace kwikgate::gateway::cli
