#include <cerrno>

#include "store/audit_codec.hpp"
#include "store/files.hpp"
#include "store/lmdb_values.hpp"
#include "store/lookup.hpp"
#include "store/section_slug.hpp"
#include "store/write_state.hpp"

namespace kwikgate::store {
WriteState::~WriteState() {
    if (txn == nullptr) return;
    mdb_txn_abort(txn);
    environment.leave();
}

Result<void> WriteState::put(MDB_dbi table, std::span<const std::byte> key,
                             std::span<const std::byte> value, unsigned flags) {
    if (txn == nullptr) return Errc::invalid_argument;
    MDB_val name = to_value(key);
    MDB_val content = to_value(value);
    return check(mdb_put(txn, table, &name, &content, flags));
}

Result<void> WriteState::erase(MDB_dbi table, std::span<const std::byte> key) {
    if (txn == nullptr || key.empty()) return Errc::not_found;
    MDB_val name = to_value(key);
    return check(mdb_del(txn, table, &name, nullptr));
}

Result<void> WriteState::check(int code) {
    if (code == MDB_MAP_FULL) is_map_full = true;
    if (code == MDB_SUCCESS) return {};
    // After a failure LMDB refuses to go on with the transaction; the first reason is the true one.
    return is_map_full ? Errc::map_full : to_errc(code);
}

Result<std::uint32_t> WriteState::take_number(std::string_view counter) {
    const auto next = meta_number(txn, tables(), counter);
    if (!next) return next.error();
    if (*next == UINT32_MAX) return Errc::invalid_argument;
    const auto stored = put(tables().meta, as_key(counter), big_endian(*next + 1));
    if (!stored) return stored.error();
    return *next;
}

Write::Write(std::unique_ptr<WriteState> state) : state_(std::move(state)) {}
Write::Write(Write&&) noexcept = default;
Write::~Write() = default;

Result<void> Write::append_audit(const AuditEntry& entry) {
    if (state_->txn == nullptr) return Errc::invalid_argument;
    const auto bytes = encode_audit(entry);
    if (!bytes) return bytes.error();
    std::uint64_t sequence = 1;
    {
        Cursor cursor(state_->txn, state_->tables().audit);
        MDB_val key{};
        MDB_val value{};
        const int code = cursor.get(key, value, MDB_LAST);
        if (code == MDB_SUCCESS) {
            if (!from_big_endian(key, sequence)) return Errc::corrupt_record;
            ++sequence;
        } else if (code != MDB_NOTFOUND) {
            return state_->check(code);
        }
    }
    // MDB_APPEND refuses a key that is not the greatest: nothing is ever overwritten.
    return state_->put(state_->tables().audit, big_endian(sequence), *bytes, MDB_APPEND);
}

Result<SectionId> Write::register_section(std::string_view slug) {
    if (state_->txn == nullptr || !is_section_slug(slug)) return Errc::invalid_argument;
    {
        Cursor cursor(state_->txn, state_->tables().sections);
        MDB_val key{};
        MDB_val value{};
        int code = cursor.get(key, value, MDB_FIRST);
        for (; code == MDB_SUCCESS; code = cursor.get(key, value, MDB_NEXT)) {
            std::uint8_t id = 0;
            if (!from_big_endian(key, id)) return Errc::corrupt_record;
            if (text_of(value) == slug) return static_cast<SectionId>(id);
        }
        if (code != MDB_NOTFOUND) return state_->check(code).error();
    }
    const auto next = meta_number(state_->txn, state_->tables(), kMetaNextSection);
    if (!next) return next.error();
    if (*next >= kMaxSections) return Errc::too_many_sections;
    const auto taken = state_->take_number(kMetaNextSection);
    if (!taken) return taken.error();
    const auto id = static_cast<std::uint8_t>(*taken);
    const auto put = state_->put(state_->tables().sections, big_endian(id), as_key(slug));
    if (!put) return put.error();
    return static_cast<SectionId>(id);
}

Result<void> Write::put_admin_key(const AdminKeyRecord& key) {
    const auto bytes = encode_admin_key(key);
    if (!bytes) return bytes.error();
    return state_->put(state_->tables().admin_keys, as_key(key.id), *bytes);
}

Result<void> Write::erase_admin_key(std::string_view id) {
    return state_->erase(state_->tables().admin_keys, as_key(id));
}

Result<void> Write::put_meta(std::string_view name, std::string_view value) {
    if (name.empty() || name.size() > 255 || name.starts_with("store."))
        return Errc::invalid_argument;
    return state_->put(state_->tables().meta, as_key(name), as_key(value));
}

Result<void> Write::commit() {
    if (state_->txn == nullptr) return Errc::invalid_argument;
    MDB_txn* txn = std::exchange(state_->txn, nullptr);
    const int code = mdb_txn_commit(txn);
    state_->environment.leave();
    // LMDB says EIO for a short write, which is how a file system that fills up shows first.
    if (code == EIO && lacks_space(state_->environment.directory())) return Errc::disk_full;
    return state_->check(code);
}

}  // namespace kwikgate::store
