#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "store/usage.hpp"

namespace kwikgate::store {

inline constexpr std::size_t kMaxUsedSecrets = 4;  ///< Generations kept in `secret_last_used`.

std::vector<std::byte> encode_usage(const TokenUsage& usage);

/// Total: any bytes give a usage, `corrupt_record` or `newer_format`.
Result<TokenUsage> decode_usage(std::span<const std::byte> bytes);

/// Adds one observation. Times only move forward, so deltas may arrive in any order.
void apply(TokenUsage& usage, const UsageDelta& delta);

}  // namespace kwikgate::store
