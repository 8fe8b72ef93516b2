#pragma once

#include <cstddef>
#include <vector>

#include "auth/master_key.hpp"

namespace kwikgate::auth {

/// An encoded token with two sealed secrets that nobody knows. A request that names an unknown key
/// is checked against it, so that it costs the work a known key costs. Made once per authenticator;
/// decode it with `store::decode`. Throws std::runtime_error when the library fails.
std::vector<std::byte> make_decoy_record(Sealer& sealer);

}  // namespace kwikgate::auth
