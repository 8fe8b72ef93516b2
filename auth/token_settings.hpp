#pragma once

#include <string>
#include <string_view>

#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "store/token_record.hpp"

namespace kwikgate::auth {

/// What an expiry in the past means: a mistake where somebody sets it, history where it is
/// imported.
enum class PastExpiry { refused, kept };

/// Writes the fields that `spec` sets into `record`, each checked. `environment` is not one of
/// them: it is part of the credentials. **Errors**: the `invalid_…` codes and `no_sections`;
/// `record` may then be half changed.
///
/// Sections and permissions stay consistent when only one of them is given: new sections of a
/// read-write token are writable, those of a read-only token are not.
ServiceResult<void> apply_settings(const TokenSpec& spec, const SectionCatalogue& catalogue,
                                   Timestamp now, PastExpiry past_expiry,
                                   store::TokenRecord& record);

/// The settings as a JSON object for the audit log: never a secret, keys only in part.
std::string settings_json(const store::TokenRecord& record, const SectionCatalogue& catalogue);

/// 1-100 characters of valid UTF-8, not all blank; no control characters, line separators or
/// characters that change the direction of text, which could make one name look like another.
bool is_valid_name(std::string_view text);

/// The serialised origin of a browser (RFC 6454, 6.2): lower case, default port left out.
/// **Errors**: `invalid_origin`.
ServiceResult<std::string> normalize_origin(std::string_view text);

}  // namespace kwikgate::auth
