#pragma once

#include <string>

#include "auth/token_review.hpp"
#include "gateway/json/section_names.hpp"

namespace kwikgate::gateway {

/// One finding of a review as an object: `advice`, `section` and `at`.
std::string finding_json(const auth::Finding& finding, const SectionNames& sections);

}  // namespace kwikgate::gateway
