#pragma once

#include "gateway/cli/command.hpp"

/// The subcommands of `kwikgate store` that have a file of their own.
namespace kwikgate::gateway::cli {

void add_store_create(Command store, Session& session);
void add_store_rekey(Command store, Session& session);

}  // namespace kwikgate::gateway::cli
