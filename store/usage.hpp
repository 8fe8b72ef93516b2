#pragma once

#include <array>
#include <chrono>
#include <cstddef>
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

/// The days with use that are kept of a token, the newest ones.
inline constexpr std::size_t kUsageDays = 30;

/// Allowed requests to a section on one day.
struct SectionCount {
    SectionId section{};
    std::uint32_t reads = 0;
    std::uint32_t writes = 0;
    friend bool operator==(const SectionCount&, const SectionCount&) = default;
};

/// What a token did on one day (UTC), by section, ascending. Routes of no section are not in it.
struct UsageDay {
    std::chrono::sys_days day{};
    std::vector<SectionCount> sections;
    friend bool operator==(const UsageDay&, const UsageDay&) = default;
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
