#pragma once

#include <lmdb.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kwikgate::store {

// LMDB takes keys and values through a struct with a non-const pointer, but does not write through
// it.

inline MDB_val to_value(std::span<const std::byte> bytes) {
    return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}
inline MDB_val to_value(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}
inline std::span<const std::byte> as_key(std::string_view text) {
    return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::span<const std::byte> bytes_of(const MDB_val& value) {
    return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}
inline std::string_view text_of(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

/// A number as a big-endian key, so that keys sort by it.
template <class Unsigned>
std::array<std::byte, sizeof(Unsigned)> big_endian(Unsigned value) {
    std::array<std::byte, sizeof(Unsigned)> bytes{};
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
        bytes[sizeof(Unsigned) - 1 - i] = static_cast<std::byte>((value >> (8 * i)) & 0xffU);
    return bytes;
}

/// The number behind such a key, or false when the size is another.
template <class Unsigned>
bool from_big_endian(const MDB_val& value, Unsigned& out) {
    if (value.mv_size != sizeof(Unsigned)) return false;
    out = 0;
    for (const std::byte byte : bytes_of(value))
        out = static_cast<Unsigned>((out << 8) | std::to_integer<Unsigned>(byte));
    return true;
}

/// A cursor that closes itself. Must not outlive its transaction.
class Cursor {
  public:
    Cursor(MDB_txn* txn, MDB_dbi table) : code_(mdb_cursor_open(txn, table, &cursor_)) {}
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    ~Cursor() {
        if (code_ == MDB_SUCCESS) mdb_cursor_close(cursor_);
    }
    /// An LMDB code; MDB_NOTFOUND at the end.
    int get(MDB_val& key, MDB_val& value, MDB_cursor_op op) {
        return code_ == MDB_SUCCESS ? mdb_cursor_get(cursor_, &key, &value, op) : code_;
    }
    /// Replaces the value where the cursor stands; what `get` gave is invalid then.
    int replace(std::span<const std::byte> key, std::span<const std::byte> value) {
        MDB_val name = to_value(key);
        MDB_val content = to_value(value);
        return mdb_cursor_put(cursor_, &name, &content, MDB_CURRENT);
    }
    /// The last entry whose key sorts before `key`; of all entries when `key` is empty.
    int last_before(MDB_val& key, MDB_val& value) {
        if (key.mv_size == 0) return get(key, value, MDB_LAST);
        const int code = get(key, value, MDB_SET_RANGE);
        if (code == MDB_NOTFOUND) return get(key, value, MDB_LAST);
        return code == MDB_SUCCESS ? get(key, value, MDB_PREV) : code;
    }

  private:
    MDB_cursor* cursor_ = nullptr;
    int code_;
};

}  // namespace kwikgate::store
