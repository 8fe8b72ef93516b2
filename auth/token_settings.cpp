#include "auth/token_settings.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/ip_rules.hpp"

namespace kwikgate::auth {
namespace {

using store::TokenRecord;
using Checked = ServiceResult<void>;

constexpr std::uint32_t kMaxRate = 1'000'000;
constexpr std::uint32_t kMaxConcurrent = 1'000'000;

Checked apply_name(const TokenSpec& spec, TokenRecord& record) {
    if (!spec.name) return {};
    if (!is_valid_name(*spec.name)) return service_error(Errc::invalid_name);
    record.name = *spec.name;
    return {};
}

Checked apply_permissions(const TokenSpec& spec, const SectionCatalogue& catalogue,
                          TokenRecord& record) {
    // A record whose two sets differ was not made by this service; it must not gain rights here.
    const bool writes_all = !record.writable.empty() && record.writable == record.readable;
    if (spec.sections) {
        if (spec.sections->empty()) return service_error(Errc::no_sections);
        const auto sections = catalogue.resolve(*spec.sections);
        if (!sections) return sections.error();
        SectionSet writable;
        sections->for_each([&](SectionId id) {
            if (writes_all || record.writable.contains(id)) writable.add(id);
        });
        record.readable = *sections;
        record.writable = writable;
    }
    if (spec.read_write) record.writable = *spec.read_write ? record.readable : SectionSet{};
    return {};
}

Checked apply_account(const TokenSpec& spec, TokenRecord& record) {
    if (!spec.account) return {};
    const std::string& account = *spec.account;
    // It becomes a header field: nothing that could end one, and no space that would be trimmed.
    const bool padded = !account.empty() && (account.front() == ' ' || account.back() == ' ');
    if (account.size() > store::kMaxAccountBytes || padded || !is_printable_ascii(account))
        return service_error(Errc::invalid_account);
    record.account = account;
    return {};
}

Checked apply_expiry(const TokenSpec& spec, Timestamp now, PastExpiry past_expiry,
                     TokenRecord& record) {
    if (!spec.expires_at) return {};
    const auto& expires_at = *spec.expires_at;
    if (expires_at && *expires_at <= now && past_expiry == PastExpiry::refused)
        return ServiceError{Errc::invalid_expiry,
                            "The expiry must be in the future; to stop a token now, disable it."};
    record.expires_at = expires_at;
    return {};
}

Checked apply_addresses(const TokenSpec& spec, TokenRecord& record) {
    if (!spec.allowed_ips) return {};
    std::vector<store::IpRange> ranges;
    for (const std::string& text : *spec.allowed_ips) {
        const auto range = parse_ip_range(text);
        if (!range)
            return ServiceError{Errc::invalid_address_range,
                                "An allowed address is written 192.0.2.1, 192.0.2.0/24, "
                                "2001:db8::1 or 2001:db8::/32."};
        if (std::find(ranges.begin(), ranges.end(), *range) == ranges.end())
            ranges.push_back(*range);
    }
    if (ranges.size() > store::kMaxAllowedIps)
        return ServiceError{Errc::invalid_address_range, "A token has at most " +
                                                             std::to_string(store::kMaxAllowedIps) +
                                                             " allowed address ranges."};
    record.allowed_ips = std::move(ranges);
    return {};
}

Checked apply_origins(const TokenSpec& spec, TokenRecord& record) {
    if (!spec.allowed_origins) return {};
    std::vector<std::string> origins;
    for (const std::string& text : *spec.allowed_origins) {
        auto origin = normalize_origin(text);
        if (!origin) return origin.error();
        if (std::find(origins.begin(), origins.end(), *origin) == origins.end())
            origins.push_back(std::move(*origin));
    }
    if (origins.size() > store::kMaxAllowedOrigins)
        return ServiceError{Errc::invalid_origin, "A token has at most " +
                                                      std::to_string(store::kMaxAllowedOrigins) +
                                                      " allowed origins."};
    record.allowed_origins = std::move(origins);
    return {};
}

Checked apply_rate(const TokenSpec& spec, TokenRecord& record) {
    if (!spec.rate) return {};
    const auto& rate = *spec.rate;
    const bool in_range =
        !rate || (rate->requests_per_second >= 1 && rate->requests_per_second <= kMaxRate &&
                  rate->burst <= kMaxRate);
    if (!in_range) return service_error(Errc::invalid_rate);
    record.rate = rate;
    return {};
}

Checked apply_max_concurrent(const TokenSpec& spec, TokenRecord& record) {
    if (!spec.max_concurrent) return {};
    if (*spec.max_concurrent > kMaxConcurrent)
        return ServiceError{Errc::invalid_rate,
                            "At most 1000000 requests at once can be allowed; 0 is no cap."};
    record.max_concurrent = *spec.max_concurrent;
    return {};
}

}  // namespace

ServiceResult<void> apply_settings(const TokenSpec& spec, const SectionCatalogue& catalogue,
                                   Timestamp now, PastExpiry past_expiry, TokenRecord& record) {
    if (auto checked = apply_name(spec, record); !checked) return checked;
    if (auto checked = apply_permissions(spec, catalogue, record); !checked) return checked;
    if (auto checked = apply_account(spec, record); !checked) return checked;
    if (auto checked = apply_expiry(spec, now, past_expiry, record); !checked) return checked;
    if (auto checked = apply_addresses(spec, record); !checked) return checked;
    if (auto checked = apply_origins(spec, record); !checked) return checked;
    if (auto checked = apply_rate(spec, record); !checked) return checked;
    if (auto checked = apply_max_concurrent(spec, record); !checked) return checked;
    if (spec.status) record.status = *spec.status;
    if (spec.require_signature) record.require_signature = *spec.require_signature;
    if (spec.require_form_signature) record.require_form_signature = *spec.require_form_signature;
    if (spec.debug) record.debug = *spec.debug;
    if (record.name.empty()) return service_error(Errc::invalid_name);
    if (record.readable.empty()) return service_error(Errc::no_sections);
    return {};
}

}  // namespace kwikgate::auth
