#pragma once

#include <string>
#include <vector>

#include "auth/secret.hpp"

namespace kwikgate::bench {

/// What one client knows.
struct Credentials {
    std::string api_key;
    std::string basic;       ///< Value of the Authorization field.
    auth::HmacKey hmac_key;  ///< K0 of the API_SECRET.
};

/// Reads a file with one JSON object a line, of which `api_key` and `api_secret` count: what
/// `kwikgate token create --json` and `kwikgate token import` print. Throws std::runtime_error with
/// the line that is wrong.
std::vector<Credentials> read_credentials(const std::string& file);

}  // namespace kwikgate::bench
