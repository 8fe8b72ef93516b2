#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/token_service.hpp"
#include "gateway/cli/command.hpp"

namespace kwikgate::gateway::cli {

/// The settings of a token as flags. What was not given stays empty.
struct TokenFlags {
    std::optional<std::string> name, permissions, status, environment, account, expires;
    std::vector<std::string> sections, allowed_ips, allowed_origins;
    std::optional<std::uint32_t> rate, burst, max_concurrent;
    bool require_signature = false, no_require_signature = false;
    bool require_form_signature = false, no_require_form_signature = false;
    bool debug = false, no_debug = false;
    bool no_expires = false, no_rate = false, no_max_concurrent = false, no_account = false;
    bool clear_allowed_ips = false, clear_allowed_origins = false;
};

enum class TokenFlagSet { create, update };

/// Adds the flags: for `update` without --environment, which is part of the credentials, and with a
/// way to clear each setting.
void add_token_flags(Command sub, TokenFlags& flags, TokenFlagSet set);

/// The settings that were given. **Errors**: misuse, naming the flag.
CliResult<auth::TokenSpec> to_spec(const TokenFlags& flags);

}  // namespace kwikgate::gateway::cli
