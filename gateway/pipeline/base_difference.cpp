#include "gateway/pipeline/base_difference.hpp"

#include <algorithm>

namespace kwikgate::gateway {

std::vector<std::string> base_lines(std::string_view base) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at <= base.size();) {
        const std::size_t end = std::min(base.find('\n', at), base.size());
        lines.emplace_back(base.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::optional<BaseDifference> first_difference(std::string_view yours, std::string_view ours) {
    const auto left = base_lines(yours);
    const auto right = base_lines(ours);
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        BaseDifference found;
        found.line = i + 1;
        if (i < left.size()) found.yours = left[i];
        if (i < right.size()) found.ours = right[i];
        if (i < left.size() && i < right.size() && found.yours == found.ours) continue;
        const auto [a, b] = std::mismatch(found.yours.begin(), found.yours.end(),
                                          found.ours.begin(), found.ours.end());
        found.column = static_cast<std::size_t>(a - found.yours.begin()) + 1;
        return found;
    }
    return std::nullopt;
}

}  // namespace kwikgate::gateway
