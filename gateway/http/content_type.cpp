#include "gateway/http/content_type.hpp"

#include <algorithm>

#include "auth/ascii.hpp"

namespace kwikgate::gateway::http {

std::string_view media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
    return type;
}

bool media_type_is_one_of(std::string_view content_type, const std::vector<std::string>& allowed) {
    const std::string_view type = media_type(content_type);
    return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& candidate) {
        return auth::equal_ignoring_case(type, candidate);
    });
}

}  // namespace kwikgate::gateway::http
