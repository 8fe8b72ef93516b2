#include "gateway/http/content_type.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/media_type.hpp"

namespace kwikgate::gateway::http {

bool media_type_is_one_of(std::string_view content_type, const std::vector<std::string>& allowed) {
    const std::string_view type = auth::media_type(content_type);
    return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& candidate) {
        return auth::equal_ignoring_case(type, candidate);
    });
}

}  // namespace kwikgate::gateway::http
