#pragma once

#include <string>

#include "gateway/cli/command.hpp"

/// The subcommands of `kwikgate token`, a file each.
namespace kwikgate::gateway::cli {

void add_token_create(Command token, Session& session);
void add_token_list(Command token, Session& session);
void add_token_show(Command token, Session& session);
void add_token_update(Command token, Session& session);
void add_token_status(Command token, Session& session);  ///< enable and disable
void add_token_rotate(Command token, Session& session);
void add_token_delete(Command token, Session& session);
void add_token_import(Command token, Session& session);
void add_token_review(Command token, Session& session);
void add_token_export(Command token, Session& session);

/// The positional argument that names a token.
void add_token_argument(Command sub, std::string& token);

}  // namespace kwikgate::gateway::cli
