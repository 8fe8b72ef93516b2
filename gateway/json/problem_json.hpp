#pragma once

#include <string>

#include "gateway/config/load.hpp"

namespace kwikgate::gateway {

/// A problem of a configuration with its place; `hint` is null where there is none.
std::string problem_json(const ConfigProblem& problem);

}  // namespace kwikgate::gateway
