#pragma once

#include "auth/section_catalogue.hpp"
#include "auth/token_review.hpp"
#include "gateway/admin/services.hpp"

namespace kwikgate::gateway::admin {

/// What is advised about one token, as a JSON array.
std::string advice_json(const store::TokenRecord& token, const store::TokenUsage& usage,
                        store::Timestamp now, const auth::SectionCatalogue& sections,
                        const auth::ReviewPolicy& policy = {});

/// Tokens about which there is something to say, oldest first. A page looks at 50,000 tokens at
/// most and may then be short, with a cursor to go on. **Threads**: the admin listener's.
AdminResponse list_review(const Call& call, store::Reader& reader, store::Timestamp now);

}  // namespace kwikgate::gateway::admin
