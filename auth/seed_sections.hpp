#pragma once

#include <array>
#include <string_view>

namespace kwikgate::auth {

/// The sections that every store has, by slug: Kwik's own list. A configuration adds others.
inline constexpr std::array<std::string_view, 10> kSeedSections = {
    "customers",      "customer-bank-accounts",
    "customer-cards", "customer-mandates",
    "payments",       "transactions",
    "recipients",     "payouts",
    "checkout-page",  "orders"};

}  // namespace kwikgate::auth
