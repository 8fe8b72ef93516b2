#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/token_service.hpp"
#include "gateway/cli/table.hpp"
#include "gateway/json/usage_days_json.hpp"
#include "store/token_record.hpp"
#include "store/usage.hpp"

/// Tokens as people read them. Only `issued_block` holds a secret.
namespace kwikgate::gateway::cli {

/// What `create`, `rotate` and `import` print once. The secret went to `secret_file`, if any.
std::string issued_block(const auth::IssuedToken& issued, std::string_view headline,
                         std::string_view secret_file);

/// Created, Name, Key, Status, Permissions, Sections, Last used, Id: Kwik's own screen.
Table token_table();
void add_token_row(Table& table, const store::TokenRecord& record, const store::TokenUsage& usage,
                   const auth::SectionCatalogue& sections, store::Timestamp now);

/// `show`: one line a setting.
std::string token_block(const store::TokenRecord& record, const store::TokenUsage& usage,
                        const auth::SectionCatalogue& sections, store::Timestamp now);

/// `show`: what it did in each section in the last days.
std::string usage_block(const store::TokenRecord& record, const UsageDays& usage,
                        const auth::SectionCatalogue& sections);

/// As many of `slugs` as fit `columns`, then "+N".
std::string joined_sections(const std::vector<std::string>& slugs, std::size_t columns);

}  // namespace kwikgate::gateway::cli
