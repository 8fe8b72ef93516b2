#pragma once

#include <string>

#include "gateway/pipeline/explanation.hpp"
#include "gateway/pipeline/saved_text.hpp"

namespace kwikgate::gateway {

/// "refused: 403 …" or "forwarded to upstream …".
std::string verdict(const Explanation& explanation);

/// What the command line and the admin API tell about a saved request, with the first difference to
/// its client's base.
std::string explanation_json(const Explanation& explanation, const SavedText& saved);

}  // namespace kwikgate::gateway
