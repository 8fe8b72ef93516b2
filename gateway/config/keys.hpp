#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::gateway {

/// A key that a configuration may hold.
struct ConfigKey {
    std::string path;       ///< "store.map_size", "listeners[].name", "upstreams.*.servers".
    std::string_view type;  ///< "duration", "size", "integer", "boolean", "string", "path", …
    std::string bounds;     ///< "1s to 1h"; empty: none.
    bool is_required = false;
};

/// Every key, as the parser's own tables have it: what full.json, schema.json and the manual are
/// held to.
std::vector<ConfigKey> config_keys();

}  // namespace kwikgate::gateway
