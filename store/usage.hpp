#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "store/error.hpp"
#include "store/types.hpp"

namespace kwikgate::store {

/// What is remembered of a token's use. Times are the latest; counts are totals of allowed
/// requests.
struct TokenUsage {
    std::optional<Timestamp> last_used_at;
    std::optional<Scheme> last_scheme;
    std::array<std::optional<Timestamp>, kSchemeCount> scheme_last_used;
    std::map<SectionId, Timestamp> section_last_read;
    std::map<SectionId, Timestamp> section_last_written;
    std::map<std::uint32_t, Timestamp> secret_last_used;  ///< By secret generation; newest four.
    std::uint64_t requests = 0;
};

/// One observation to merge: an allowed request, or several of the same kind.
struct UsageDelta {
    TokenNumber token{};
    Timestamp at{};
    Scheme scheme = Scheme::basic;
    std::optional<SectionId> section;
    bool is_write = false;
    std::uint32_t secret_generation = 0;  ///< 0 when no secret was used (public key).
    std::uint32_t requests = 1;
};

}  // namespace kwikgate::store
