#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

/// What an installation has beside `--help`, made from the same definitions.
namespace kwikgate::gateway::cli {

/// The commands below `app` that people are told of, in the order of their definition.
std::vector<const CLI::App*> visible_commands(const CLI::App& app);
/// The options of `app` that are not positional.
std::vector<const CLI::Option*> options_of(const CLI::App& app);

/// The man page (section 1, man(7) macros) of the whole, which names every command, or of one of
/// its commands with all that is below it.
std::string manual_page(const CLI::App& root);
std::string manual_page(const CLI::App& root, const CLI::App& command);

/// Completes commands, options and file names in bash.
std::string bash_completion(const CLI::App& root);

}  // namespace kwikgate::gateway::cli
