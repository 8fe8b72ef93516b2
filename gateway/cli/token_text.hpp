#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token_service.hpp"
#include "gateway/cli/json_text.hpp"
#include "gateway/cli/sections.hpp"
#include "gateway/cli/table.hpp"
#include "store/token_record.hpp"
#include "store/usage.hpp"

/// Tokens as people and scripts read them. Only `issued_*` holds a secret.
namespace kwikgate::gateway::cli {

/// "read-only" or "read-write".
std::string_view permissions_token(const store::TokenRecord& record);

/// The settings, which an import takes back: name to created_at.
void append_settings(JsonObject& object, const store::TokenRecord& record,
                     const SectionNames& sections);

/// `list --json` and `show --json`: identity, settings, use. The API_KEY only in part.
std::string token_json(const store::TokenRecord& record, const store::TokenUsage& usage,
                       const SectionNames& sections);

/// What `create`, `rotate` and `import` print once. Without `api_secret` when it went to a file.
std::string issued_json(const auth::IssuedToken& issued, const SectionNames& sections,
                        bool with_secret);
std::string issued_block(const auth::IssuedToken& issued, std::string_view headline,
                         std::string_view secret_file);

/// Created, Name, Key, Status, Permissions, Sections, Last used, Id: Kwik's own screen.
Table token_table();
void add_token_row(Table& table, const store::TokenRecord& record, const store::TokenUsage& usage,
                   const SectionNames& sections, store::Timestamp now);

/// `show`: one line a setting.
std::string token_block(const store::TokenRecord& record, const store::TokenUsage& usage,
                        const SectionNames& sections, store::Timestamp now);

/// As many of `slugs` as fit `columns`, then "+N".
std::string joined_sections(const std::vector<std::string>& slugs, std::size_t columns);

}  // namespace kwikgate::gateway::cli
