#pragma once

#include <cstddef>
#include <string_view>

namespace kwikgate::store {

inline constexpr std::size_t kMaxSlugBytes = 64;

/// How a section is named in the configuration, in URLs and in the store: 1 to `kMaxSlugBytes` of
/// a-z, 0-9 and inner hyphens. **Threads**: any. **Cost**: one pass.
constexpr bool is_section_slug(std::string_view text) {
    if (text.empty() || text.size() > kMaxSlugBytes || text.front() == '-' || text.back() == '-')
        return false;
    for (const char c : text)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    return true;
}

}  // namespace kwikgate::store
