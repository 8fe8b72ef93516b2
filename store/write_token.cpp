#include "store/lmdb_values.hpp"
#include "store/lookup.hpp"
#include "store/write_state.hpp"
#include "store/write_usage.hpp"

namespace kwikgate::store {
namespace {

Result<void> must_be_free(WriteState& state, MDB_dbi table, std::string_view key) {
    const auto taken = look_up(state.txn, table, as_key(key));
    if (!taken) return taken.error();
    if (*taken) return Errc::already_exists;
    return {};
}

/// The record itself and the entries of all indexes.
Result<void> put_token(WriteState& state, const TokenRecord& record) {
    const auto bytes = encode(record);
    if (!bytes) return bytes.error();
    const Tables& tables = state.tables();
    const auto number = big_endian(static_cast<std::uint32_t>(record.number));
    if (const auto r = state.put(tables.tokens, as_key(record.api_key), *bytes); !r) return r;
    if (const auto r = state.put(tables.ids, as_key(record.id), as_key(record.api_key)); !r)
        return r;
    if (const auto r = state.put(tables.numbers, number, as_key(record.id)); !r) return r;
    if (record.public_key.empty()) return {};
    return state.put(tables.public_keys, as_key(record.public_key), as_key(record.api_key));
}

Result<std::optional<TokenRecord>> to_record(const Result<std::optional<TokenView>>& found) {
    if (!found) return found.error();
    if (!*found) return std::optional<TokenRecord>{};
    return std::optional<TokenRecord>{(*found)->to_record()};
}

}  // namespace

Result<void> Write::insert_token(TokenRecord& record) {
    const Tables& tables = state_->tables();
    // All that can be refused is looked at first, so that a refusal leaves the transaction usable.
    if (const auto bytes = encode(record); !bytes) return bytes.error();
    if (const auto r = must_be_free(*state_, tables.tokens, record.api_key); !r) return r;
    if (const auto r = must_be_free(*state_, tables.ids, record.id); !r) return r;
    if (const auto r = must_be_free(*state_, tables.public_keys, record.public_key); !r) return r;
    const auto number = state_->take_number(kMetaNextToken);
    if (!number) return number.error();
    record.number = static_cast<TokenNumber>(*number);
    return put_token(*state_, record);
}

Result<void> Write::update_token(const TokenRecord& record) {
    const Tables& tables = state_->tables();
    if (const auto bytes = encode(record); !bytes) return bytes.error();
    const auto stored = token_by_id(record.id);
    if (!stored) return stored.error();
    if (!*stored) return Errc::not_found;
    const TokenRecord& before = **stored;
    if (before.version != record.version - 1) return Errc::version_conflict;
    if (before.number != record.number) return Errc::invalid_argument;
    const bool changes_key = before.api_key != record.api_key;
    const bool changes_public_key = before.public_key != record.public_key;
    if (changes_key)
        if (const auto r = must_be_free(*state_, tables.tokens, record.api_key); !r) return r;
    if (changes_public_key)
        if (const auto r = must_be_free(*state_, tables.public_keys, record.public_key); !r)
            return r;
    if (changes_key)
        if (const auto r = state_->erase(tables.tokens, as_key(before.api_key)); !r) return r;
    if (changes_public_key && !before.public_key.empty())
        if (const auto r = state_->erase(tables.public_keys, as_key(before.public_key)); !r)
            return r;
    return put_token(*state_, record);
}

Result<void> Write::erase_token(std::string_view id) {
    const auto stored = token_by_id(id);
    if (!stored) return stored.error();
    if (!*stored) return Errc::not_found;
    const TokenRecord& record = **stored;
    const Tables& tables = state_->tables();
    const auto number = big_endian(static_cast<std::uint32_t>(record.number));
    if (const auto r = state_->erase(tables.tokens, as_key(record.api_key)); !r) return r;
    if (const auto r = state_->erase(tables.ids, as_key(id)); !r) return r;
    if (const auto r = state_->erase(tables.numbers, number); !r) return r;
    if (!record.public_key.empty())
        if (const auto r = state_->erase(tables.public_keys, as_key(record.public_key)); !r)
            return r;
    return erase_usage(*state_, record.number);
}

Result<std::uint64_t> Write::change_secrets(const SecretChange& change) {
    if (state_->txn == nullptr) return Errc::invalid_argument;
    Cursor cursor(state_->txn, state_->tables().tokens);
    MDB_val key{};
    MDB_val value{};
    std::uint64_t count = 0;
    int code = cursor.get(key, value, MDB_FIRST);
    for (; code == MDB_SUCCESS; code = cursor.get(key, value, MDB_NEXT), ++count) {
        const auto view = decode(bytes_of(value));
        if (!view) return view.error();
        TokenRecord record = view->to_record();
        if (const auto r = change(record.secret, record.id); !r) return r.error();
        if (record.previous_secret)
            if (const auto r = change(*record.previous_secret, record.id); !r) return r.error();
        const auto bytes = encode(record);
        if (!bytes) return bytes.error();
        const int put = cursor.replace(as_key(record.api_key), *bytes);
        if (const auto r = state_->check(put); !r) return r.error();
    }
    if (code != MDB_NOTFOUND) return state_->check(code).error();
    return count;
}

Result<std::optional<TokenRecord>> Write::token_by_id(std::string_view id) const {
    if (state_->txn == nullptr) return Errc::invalid_argument;
    return to_record(find_by_index(state_->txn, state_->tables(), state_->tables().ids, id));
}

Result<std::optional<TokenRecord>> Write::token_by_key(std::string_view api_key) const {
    if (state_->txn == nullptr) return Errc::invalid_argument;
    return to_record(find_by_key(state_->txn, state_->tables(), api_key));
}

}  // namespace kwikgate::store
