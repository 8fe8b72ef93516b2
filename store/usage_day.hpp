#pragma once

#include <lmdb.h>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "store/usage.hpp"

namespace kwikgate::store {

/// One day's record: a version, then 9 bytes a section. With its key of 8 bytes a token has at most
/// `kUsageDays` of them: 3 KB where it uses ten sections every day, 35 KB where it uses all 128.
std::vector<std::byte> encode_usage_day(const UsageDay& day);

/// Total: any bytes give a day, `corrupt_record` or `newer_format`.
Result<UsageDay> decode_usage_day(std::chrono::sys_days day, std::span<const std::byte> bytes);

/// Adds the requests of `delta` to its section. Counts stop at their greatest value.
void apply(UsageDay& day, const UsageDelta& delta);

/// The day that counts `delta`; empty when it names no section, or a time before 1970.
std::optional<std::chrono::sys_days> day_of(const UsageDelta& delta);

/// Keys of `usage_days` sort by token, then by day.
using UsageDayKey = std::array<std::byte, 8>;
UsageDayKey usage_day_key(TokenNumber token, std::chrono::sys_days day);
/// False when it is no such key.
bool read_usage_day_key(const MDB_val& key, TokenNumber& token, std::chrono::sys_days& day);

}  // namespace kwikgate::store
