#include <cassert>

#include "store/audit_codec.hpp"
#include "store/lmdb_values.hpp"
#include "store/lookup.hpp"
#include "store/reader_state.hpp"
#include "store/usage_codec.hpp"
#include "store/usage_day.hpp"

namespace kwikgate::store {
namespace {

/// An error code would become a bool of itself.
Result<bool> failure(const boost::system::error_code& error) {
    return {boost::system::in_place_error, error};
}

/// From the entry that `key` and `value` hold, if `code` says that there is one, step by step while
/// `visit` returns true.
template <class Visit>
Result<void> walk(Cursor& cursor, int code, MDB_val& key, MDB_val& value, MDB_cursor_op step,
                  Visit&& visit) {
    for (; code == MDB_SUCCESS; code = cursor.get(key, value, step)) {
        const Result<bool> goes_on = visit();
        if (!goes_on) return goes_on.error();
        if (!*goes_on) return {};
    }
    if (code != MDB_NOTFOUND) return to_errc(code);
    return {};
}

/// An entry of the audit table, given to `visit`.
Result<bool> visit_audit(const MDB_val& key, const MDB_val& value,
                         const std::function<bool(const AuditEntry&)>& visit) {
    std::uint64_t sequence = 0;
    if (!from_big_endian(key, sequence)) return Errc::corrupt_record;
    const auto entry = decode_audit(sequence, bytes_of(value));
    if (!entry) return failure(entry.error());
    return visit(*entry);
}

}  // namespace

Snapshot::~Snapshot() {
    if (state_ == nullptr) return;
    mdb_txn_reset(state_->txn);
    // Only now may a resizer replace the map.
    state_->active.store(false, std::memory_order_release);
}

Result<std::optional<TokenView>> Snapshot::token_by_key(std::string_view api_key) const {
    return find_by_key(state_->txn, state_->environment.tables(), api_key);
}

Result<std::optional<TokenView>> Snapshot::token_by_public_key(std::string_view public_key) const {
    const Tables& tables = state_->environment.tables();
    auto token = find_by_index(state_->txn, tables, tables.public_keys, public_key);
    if (token && *token && (*token)->public_key != public_key) return Errc::corrupt_record;
    return token;
}

Result<std::optional<TokenView>> Snapshot::token_by_id(std::string_view id) const {
    const Tables& tables = state_->environment.tables();
    auto token = find_by_index(state_->txn, tables, tables.ids, id);
    if (token && *token && (*token)->id != id) return Errc::corrupt_record;
    return token;
}

Result<void> Snapshot::for_each_token(
    std::string_view after_id, const std::function<bool(const TokenView&)>& visit,
    const std::function<void(std::string_view api_key)>& on_corrupt) const {
    const Tables& tables = state_->environment.tables();
    if (after_id.size() > kTokenIdBytes) return Errc::invalid_argument;
    Cursor cursor(state_->txn, tables.ids);
    MDB_val id = to_value(after_id);
    MDB_val api_key{};
    int code = cursor.get(id, api_key, after_id.empty() ? MDB_FIRST : MDB_SET_RANGE);
    if (code == MDB_SUCCESS && !after_id.empty() && text_of(id) == after_id)
        code = cursor.get(id, api_key, MDB_NEXT);
    return walk(cursor, code, id, api_key, MDB_NEXT,
                [&] { return visit_token(text_of(id), text_of(api_key), visit, on_corrupt); });
}

Result<bool> Snapshot::visit_token(std::string_view id, std::string_view api_key,
                                   const TokenVisit& visit, const CorruptVisit& on_corrupt) const {
    const auto token = find_by_key(state_->txn, state_->environment.tables(), api_key);
    if (token && *token && (*token)->id == id) return visit(**token);
    if (!on_corrupt) return failure(token ? make_error_code(Errc::corrupt_record) : token.error());
    on_corrupt(api_key);
    return true;
}

Result<void> Snapshot::for_each_token_backwards(
    std::string_view before_id, const std::function<bool(const TokenView&)>& visit,
    const std::function<void(std::string_view api_key)>& on_corrupt) const {
    if (before_id.size() > kTokenIdBytes) return Errc::invalid_argument;
    Cursor cursor(state_->txn, state_->environment.tables().ids);
    MDB_val id = to_value(before_id);
    MDB_val api_key{};
    const int code = cursor.last_before(id, api_key);
    return walk(cursor, code, id, api_key, MDB_PREV,
                [&] { return visit_token(text_of(id), text_of(api_key), visit, on_corrupt); });
}

Result<void> Snapshot::for_each_audit(std::uint64_t from_sequence,
                                      const std::function<bool(const AuditEntry&)>& visit) const {
    Cursor cursor(state_->txn, state_->environment.tables().audit);
    const auto from = big_endian(from_sequence);
    MDB_val key = to_value(from);
    MDB_val value{};
    const int code = cursor.get(key, value, MDB_SET_RANGE);
    return walk(cursor, code, key, value, MDB_NEXT, [&] { return visit_audit(key, value, visit); });
}

Result<void> Snapshot::for_each_audit_backwards(
    std::uint64_t before_sequence, const std::function<bool(const AuditEntry&)>& visit) const {
    Cursor cursor(state_->txn, state_->environment.tables().audit);
    const auto before = big_endian(before_sequence);
    MDB_val key = to_value(before);
    MDB_val value{};
    const int code = cursor.last_before(key, value);
    return walk(cursor, code, key, value, MDB_PREV, [&] { return visit_audit(key, value, visit); });
}

Result<TokenUsage> Snapshot::usage(TokenNumber number) const {
    const auto key = big_endian(static_cast<std::uint32_t>(number));
    const auto bytes = look_up(state_->txn, state_->environment.tables().usage, key);
    if (!bytes) return bytes.error();
    return *bytes ? decode_usage(**bytes) : Result<TokenUsage>(TokenUsage{});
}

Result<std::vector<UsageDay>> Snapshot::usage_days(TokenNumber number, std::chrono::sys_days from,
                                                   std::chrono::sys_days to) const {
    std::vector<UsageDay> all;
    const auto& table = state_->environment.tables().usage_days;
    if (!table) return all;
    Cursor cursor(state_->txn, *table);
    const UsageDayKey first = usage_day_key(number, from);
    MDB_val key = to_value(first);
    MDB_val value{};
    const int code = cursor.get(key, value, MDB_SET_RANGE);
    const auto walked = walk(cursor, code, key, value, MDB_NEXT, [&]() -> Result<bool> {
        TokenNumber owner{};
        std::chrono::sys_days day{};
        if (!read_usage_day_key(key, owner, day)) return true;
        if (owner != number || day > to) return false;
        auto read = decode_usage_day(day, bytes_of(value));
        if (read) all.push_back(std::move(*read));
        return true;
    });
    if (!walked) return walked.error();
    return all;
}

Result<std::vector<std::pair<SectionId, std::string>>> Snapshot::sections() const {
    std::vector<std::pair<SectionId, std::string>> all;
    Cursor cursor(state_->txn, state_->environment.tables().sections);
    MDB_val key{};
    MDB_val slug{};
    const int code = cursor.get(key, slug, MDB_FIRST);
    const auto walked = walk(cursor, code, key, slug, MDB_NEXT, [&]() -> Result<bool> {
        std::uint8_t id = 0;
        if (!from_big_endian(key, id) || id >= kMaxSections) return Errc::corrupt_record;
        all.emplace_back(static_cast<SectionId>(id), text_of(slug));
        return true;
    });
    if (!walked) return walked.error();
    return all;
}

Result<std::vector<AdminKeyRecord>> Snapshot::admin_keys() const {
    std::vector<AdminKeyRecord> all;
    Cursor cursor(state_->txn, state_->environment.tables().admin_keys);
    MDB_val id{};
    MDB_val value{};
    const int code = cursor.get(id, value, MDB_FIRST);
    const auto walked = walk(cursor, code, id, value, MDB_NEXT, [&]() -> Result<bool> {
        auto key = decode_admin_key(bytes_of(value));
        if (!key) return failure(key.error());
        if (key->id != text_of(id)) return Errc::corrupt_record;
        all.push_back(std::move(*key));
        return true;
    });
    if (!walked) return walked.error();
    return all;
}

Result<std::optional<std::string>> Snapshot::meta(std::string_view name) const {
    const auto bytes = look_up(state_->txn, state_->environment.tables().meta, as_key(name));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<std::string>{};
    return std::optional<std::string>{text_of(to_value(**bytes))};
}

Reader::Reader(std::unique_ptr<ReaderState> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader::~Reader() {
    assert(state_ == nullptr || !state_->active.load(std::memory_order_relaxed));
}

Result<Snapshot> Reader::snapshot() {
    // One transaction cannot show two states; a second snapshot is a mistake of the caller.
    if (state_->active.load(std::memory_order_relaxed)) return Errc::invalid_argument;
    const auto begun = state_->environment.begin_snapshot(state_->txn, state_->active);
    if (!begun) return begun.error();
    return Snapshot(*state_);
}

}  // namespace kwikgate::store
