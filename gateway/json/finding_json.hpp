#pragma once

#include <string>

#include "auth/section_catalogue.hpp"
#include "auth/token_review.hpp"

namespace kwikgate::gateway {

/// One finding of a review as an object: `advice`, `section` and `at`.
std::string finding_json(const auth::Finding& finding, const auth::SectionCatalogue& sections);

}  // namespace kwikgate::gateway
