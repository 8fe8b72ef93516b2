#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "auth/section_catalogue.hpp"
#include "store/store.hpp"

/// The use of a token by section over time: the same on the command line and in the admin API.
namespace kwikgate::gateway {

/// The days up to today, whether there was use on them or not.
struct UsageDays {
    std::chrono::sys_days from{};
    std::chrono::sys_days to{};
    std::vector<store::UsageDay> days;  ///< Those with use, oldest first.
};

store::Result<UsageDays> read_usage_days(const store::Snapshot& snapshot, store::TokenNumber token,
                                         store::Timestamp now);

/// {"from":"2026-10-26","to":"2026-11-24","days":[{"day":…,"sections":{"orders":{"reads":1,…}}}]}
std::string usage_days_json(const UsageDays& usage, const auth::SectionCatalogue& sections);

/// "2026-11-24"
std::string day_text(std::chrono::sys_days day);

}  // namespace kwikgate::gateway
