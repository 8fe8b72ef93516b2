#pragma once

#include <string>

#include "gateway/cli/command.hpp"

/// The subcommands of `kwikgate token`, a file each.
namespace kwikgate::gateway::cli {

void add_token_create(CLI::App& token, Session& session);
void add_token_list(CLI::App& token, Session& session);
void add_token_show(CLI::App& token, Session& session);
void add_token_update(CLI::App& token, Session& session);
void add_token_status(CLI::App& token, Session& session);  ///< enable and disable
void add_token_rotate(CLI::App& token, Session& session);
void add_token_delete(CLI::App& token, Session& session);
void add_token_import(CLI::App& token, Session& session);
void add_token_review(CLI::App& token, Session& session);
void add_token_export(CLI::App& token, Session& session);

/// The positional argument that names a token.
void add_token_argument(CLI::App& sub, std::string& token);

}  // namespace kwikgate::gateway::cli
