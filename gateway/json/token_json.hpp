#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/json_text.hpp"
#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "store/token_record.hpp"
#include "store/usage.hpp"

/// Tokens as JSON: the same on the command line and in the admin API. Only `issued_json` holds a
/// secret.
namespace kwikgate::gateway {

/// "read-only" or "read-write".
std::string_view permissions_token(const store::TokenRecord& record);
std::vector<std::string> ip_texts(const store::TokenRecord& record);

/// The settings, which an import takes back: name to created_at.
void append_settings(auth::JsonObject& object, const store::TokenRecord& record,
                     const auth::SectionCatalogue& sections);

/// Identity, settings, use. The API_KEY only in part.
std::string token_json(const store::TokenRecord& record, const store::TokenUsage& usage,
                       const auth::SectionCatalogue& sections);

/// What is shown once, after a creation, a rotation or an import. Without `api_secret` when it went
/// to a file.
std::string issued_json(const auth::IssuedToken& issued, const auth::SectionCatalogue& sections,
                        bool with_secret);

}  // namespace kwikgate::gateway
