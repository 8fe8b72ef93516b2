#include "store/write_usage.hpp"

#include <algorithm>
#include <map>

#include "store/lmdb_values.hpp"
#include "store/lookup.hpp"
#include "store/usage_codec.hpp"
#include "store/usage_day.hpp"

namespace kwikgate::store {
namespace {

using std::chrono::sys_days;
using Deltas = std::span<const UsageDelta* const>;

/// The keys of all days of a token, oldest first.
Result<std::vector<UsageDayKey>> days_of(const WriteState& state, MDB_dbi table,
                                         TokenNumber token) {
    std::vector<UsageDayKey> days;
    Cursor cursor(state.txn, table);
    const UsageDayKey first = usage_day_key(token, sys_days{});
    MDB_val key = to_value(first);
    MDB_val value{};
    int code = cursor.get(key, value, MDB_SET_RANGE);
    for (; code == MDB_SUCCESS; code = cursor.get(key, value, MDB_NEXT)) {
        UsageDayKey found{};
        const auto bytes = bytes_of(key);
        if (bytes.size() < 4 || !std::equal(first.begin(), first.begin() + 4, bytes.begin())) break;
        if (bytes.size() != found.size()) continue;
        std::copy(bytes.begin(), bytes.end(), found.begin());
        days.push_back(found);
    }
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) return to_errc(code);
    return days;
}

Result<void> drop_old_days(WriteState& state, MDB_dbi table, TokenNumber token) {
    const auto days = days_of(state, table, token);
    if (!days) return days.error();
    for (std::size_t i = 0; i + kUsageDays < days->size(); ++i)
        if (const auto r = state.erase(table, (*days)[i]); !r) return r;
    return {};
}

Result<void> merge_totals(WriteState& state, TokenNumber token, Deltas deltas) {
    const MDB_dbi table = state.tables().usage;
    const auto key = big_endian(static_cast<std::uint32_t>(token));
    const auto bytes = look_up(state.txn, table, key);
    if (!bytes) return bytes.error();
    auto usage = *bytes ? decode_usage(**bytes) : Result<TokenUsage>(TokenUsage{});
    if (!usage && usage.error() == Errc::newer_format) return {};
    // One damaged record must not keep the use of every other token from being written.
    if (!usage) usage = TokenUsage{};
    for (const UsageDelta* delta : deltas) apply(*usage, *delta);
    return state.put(table, key, encode_usage(*usage));
}

Result<void> merge_day(WriteState& state, MDB_dbi table, TokenNumber token, sys_days at,
                       const std::vector<const UsageDelta*>& deltas) {
    const UsageDayKey key = usage_day_key(token, at);
    const auto bytes = look_up(state.txn, table, key);
    if (!bytes) return bytes.error();
    const bool is_new = !*bytes;
    auto day = is_new ? Result<UsageDay>(UsageDay{at, {}}) : decode_usage_day(at, **bytes);
    if (!day && day.error() == Errc::newer_format) return {};
    if (!day) day = UsageDay{at, {}};
    for (const UsageDelta* delta : deltas) apply(*day, *delta);
    if (const auto r = state.put(table, key, encode_usage_day(*day)); !r) return r;
    return is_new ? drop_old_days(state, table, token) : Result<void>{};
}

Result<void> merge_days(WriteState& state, TokenNumber token, Deltas deltas) {
    const auto& table = state.tables().usage_days;
    if (!table) return {};
    std::map<sys_days, std::vector<const UsageDelta*>> by_day;
    for (const UsageDelta* delta : deltas)
        if (const auto day = day_of(*delta)) by_day[*day].push_back(delta);
    for (const auto& [day, of_day] : by_day)
        if (const auto r = merge_day(state, *table, token, day, of_day); !r) return r;
    return {};
}

}  // namespace

Result<void> erase_usage(WriteState& state, TokenNumber token) {
    const Tables& tables = state.tables();
    const auto number = big_endian(static_cast<std::uint32_t>(token));
    const auto usage = look_up(state.txn, tables.usage, number);
    if (!usage) return usage.error();
    if (*usage)
        if (const auto r = state.erase(tables.usage, number); !r) return r;
    if (!tables.usage_days) return {};
    const auto days = days_of(state, *tables.usage_days, token);
    if (!days) return days.error();
    for (const UsageDayKey& day : *days)
        if (const auto r = state.erase(*tables.usage_days, day); !r) return r;
    return {};
}

Result<void> Write::merge_usage(std::span<const UsageDelta> deltas) {
    // By token: each record is read and written once, and in the order in which they lie.
    std::vector<const UsageDelta*> sorted;
    sorted.reserve(deltas.size());
    for (const UsageDelta& delta : deltas) sorted.push_back(&delta);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const UsageDelta* a, const UsageDelta* b) { return a->token < b->token; });
    for (auto begin = sorted.begin(); begin != sorted.end();) {
        const TokenNumber token = (*begin)->token;
        const auto end = std::find_if(begin, sorted.end(),
                                      [&](const UsageDelta* d) { return d->token != token; });
        const Deltas of_token(begin, end);
        begin = end;
        // The token may have been deleted since; its usage is of no interest then.
        const auto known = look_up(state_->txn, state_->tables().numbers,
                                   big_endian(static_cast<std::uint32_t>(token)));
        if (!known) return known.error();
        if (!*known) continue;
        if (const auto r = merge_totals(*state_, token, of_token); !r) return r;
        if (const auto r = merge_days(*state_, token, of_token); !r) return r;
    }
    return {};
}

}  // namespace kwikgate::store
