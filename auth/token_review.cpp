#include "auth/token_review.hpp"

namespace kwikgate::auth {
namespace {

using store::TokenRecord;
using store::TokenUsage;

bool is_within(const std::optional<Timestamp>& time, Timestamp now, std::chrono::days span) {
    return time && *time > now - span;
}

void review_expiry(const TokenRecord& token, Timestamp now, const ReviewPolicy& policy,
                   std::vector<Finding>& out) {
    if (!token.expires_at) return;
    if (*token.expires_at <= now) {
        out.push_back({Advice::expired, {}, token.expires_at});
    } else if (*token.expires_at <= now + policy.expires_within) {
        out.push_back({Advice::expires_soon, {}, token.expires_at});
    }
}

void review_grants(const TokenRecord& token, const TokenUsage& usage, std::vector<Finding>& out) {
    token.readable.for_each([&](SectionId section) {
        if (!usage.section_last_read.contains(section) &&
            !usage.section_last_written.contains(section))
            out.push_back({Advice::section_unused, section, {}});
    });
    if (!token.writable.empty() && usage.section_last_written.empty())
        out.push_back({Advice::write_unused, {}, {}});
}

void review_credentials(const TokenRecord& token, const TokenUsage& usage, Timestamp now,
                        const ReviewPolicy& policy, std::vector<Finding>& out) {
    const auto& old = token.previous_secret;
    if (old && old->valid_until && now < *old->valid_until) {
        const auto used = usage.secret_last_used.find(old->generation);
        if (used != usage.secret_last_used.end() && used->second > token.secret.created_at)
            out.push_back({Advice::old_secret_in_use, {}, used->second});
    }
    const auto& basic = usage.scheme_last_used[static_cast<std::size_t>(Scheme::basic)];
    if (is_within(basic, now, policy.unused_after)) out.push_back({Advice::uses_basic, {}, basic});
}

}  // namespace

std::string_view to_token(Advice advice) {
    switch (advice) {
        case Advice::expired:
            return "expired";
        case Advice::expires_soon:
            return "expires_soon";
        case Advice::unused:
            return "unused";
        case Advice::section_unused:
            return "section_unused";
        case Advice::write_unused:
            return "write_unused";
        case Advice::old_secret_in_use:
            return "old_secret_in_use";
        case Advice::uses_basic:
            return "uses_basic";
    }
    return {};
}

std::vector<Finding> review_token(const TokenRecord& token, const TokenUsage& usage, Timestamp now,
                                  const ReviewPolicy& policy) {
    std::vector<Finding> out;
    if (token.status == TokenStatus::disabled) return out;
    review_expiry(token, now, policy, out);
    if (!out.empty() && out.front().advice == Advice::expired) return out;
    const bool is_settled = !is_within(token.created_at, now, policy.unused_after);
    if (is_settled && !is_within(usage.last_used_at, now, policy.unused_after)) {
        out.push_back({Advice::unused, {}, usage.last_used_at});
        return out;
    }
    if (is_settled) review_grants(token, usage, out);
    review_credentials(token, usage, now, policy, out);
    return out;
}

}  // namespace kwikgate::auth
