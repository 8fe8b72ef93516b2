#include "bench/load/credentials.hpp"

#include <simdjson.h>
#include <fstream>
#include <stdexcept>

#include "auth/base64.hpp"

namespace kwikgate::bench {

std::vector<Credentials> read_credentials(const std::string& file) {
    std::ifstream stream(file);
    if (!stream) throw std::runtime_error("cannot read " + file);
    std::vector<Credentials> found;
    simdjson::dom::parser parser;
    std::string line;
    for (std::size_t number = 1; std::getline(stream, line); ++number) {
        if (line.empty()) continue;
        std::string_view key;
        std::string_view secret;
        simdjson::dom::element object;
        if (parser.parse(line).get(object) != simdjson::SUCCESS ||
            object["api_key"].get(key) != simdjson::SUCCESS ||
            object["api_secret"].get(secret) != simdjson::SUCCESS)
            throw std::runtime_error(file + ":" + std::to_string(number) +
                                     ": no object with api_key and api_secret");
        std::string pair = std::string(key) + ":" + std::string(secret);
        Credentials credentials;
        credentials.api_key = key;
        credentials.basic =
            "Basic " +
            auth::encode_base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()});
        credentials.hmac_key = auth::derive_hmac_key(secret);
        auth::wipe(pair.data(), pair.size());
        found.push_back(std::move(credentials));
    }
    auth::wipe(line.data(), line.size());
    if (found.empty()) throw std::runtime_error(file + " holds no credentials");
    return found;
}

}  // namespace kwikgate::bench
