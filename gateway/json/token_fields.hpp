#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "gateway/json/json_fields.hpp"

namespace kwikgate::gateway {

/// Reads a setting of a token, as `append_settings` writes it: in an import and in the admin API.
/// `null` clears `account`, `expires_at` and `rate`. Nothing: `key` is no setting.
std::optional<FieldProblem> read_token_setting(std::string_view key,
                                               const simdjson::dom::element& value,
                                               const auth::SectionCatalogue& sections,
                                               auth::TokenSpec& out);

}  // namespace kwikgate::gateway
