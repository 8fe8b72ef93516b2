#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.hpp"
#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "store/token_record.hpp"

namespace kwikgate::gateway::cli {

/// What one import line said, before it is known whether its parts go together.
struct ImportFields {
    auth::TokenSpec spec;
    std::optional<std::string> id, api_key, public_key;
    std::optional<auth::SecretString> api_secret;
    std::optional<store::SecretRecord> sealed, previous;
    std::optional<store::Timestamp> created_at;
};

/// Reads one object. Returns everything that is wrong with it, empty when nothing is.
std::vector<std::string> read_import_fields(const simdjson::dom::object& object,
                                            const auth::SectionCatalogue& sections,
                                            ImportFields& out);

/// Puts the parts together. Returns what does not fit, as above.
std::vector<std::string> combine(ImportFields fields, auth::ImportItem& out);

}  // namespace kwikgate::gateway::cli
