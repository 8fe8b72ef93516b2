#include "gateway/json/usage_days_json.hpp"

#include "auth/json_text.hpp"
#include "auth/time_text.hpp"

namespace kwikgate::gateway {

store::Result<UsageDays> read_usage_days(const store::Snapshot& snapshot, store::TokenNumber token,
                                         store::Timestamp now) {
    UsageDays usage;
    usage.to = std::chrono::floor<std::chrono::days>(now);
    usage.from = usage.to - std::chrono::days{store::kUsageDays - 1};
    auto found = snapshot.usage_days(token, usage.from, usage.to);
    if (!found) return found.error();
    usage.days = std::move(*found);
    return usage;
}

std::string usage_days_json(const UsageDays& usage, const auth::SectionCatalogue& sections) {
    auth::JsonArray days;
    for (const store::UsageDay& day : usage.days) {
        auth::JsonObject counts;
        for (const store::SectionCount& count : day.sections)
            counts.raw(sections.slug(count.section), auth::JsonObject()
                                                         .number("reads", count.reads)
                                                         .number("writes", count.writes)
                                                         .to_string());
        days.add(auth::JsonObject()
                     .text("day", day_text(day.day))
                     .raw("sections", counts.to_string())
                     .to_string());
    }
    return auth::JsonObject()
        .text("from", day_text(usage.from))
        .text("to", day_text(usage.to))
        .raw("days", days.to_string())
        .to_string();
}

std::string day_text(std::chrono::sys_days day) {
    return auth::to_text(store::Timestamp(day)).substr(0, 10);
}

}  // namespace kwikgate::gateway
