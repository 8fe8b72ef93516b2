#include "store/lookup.hpp"

#include "store/lmdb_values.hpp"

namespace kwikgate::store {
namespace {

constexpr std::size_t kMaxKeyBytes = 511;  // LMDB's own limit.

}  // namespace

Result<std::optional<std::span<const std::byte>>> look_up(MDB_txn* txn, MDB_dbi table,
                                                          std::span<const std::byte> key) {
    using Found = std::optional<std::span<const std::byte>>;
    if (txn == nullptr) return Errc::invalid_argument;  // A write that was committed already.
    if (key.empty() || key.size() > kMaxKeyBytes) return Found{};
    MDB_val name = to_value(key);
    MDB_val value{};
    const int code = mdb_get(txn, table, &name, &value);
    if (code == MDB_NOTFOUND) return Found{};
    if (code != MDB_SUCCESS) return to_errc(code);
    return Found{bytes_of(value)};
}

Result<std::optional<TokenView>> find_by_key(MDB_txn* txn, const Tables& tables,
                                             std::string_view api_key) {
    const auto bytes = look_up(txn, tables.tokens, as_key(api_key));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<TokenView>{};
    const auto view = decode(**bytes);
    if (!view) return view.error();
    if (view->api_key != api_key) return Errc::corrupt_record;
    return std::optional<TokenView>{*view};
}

Result<std::optional<TokenView>> find_by_index(MDB_txn* txn, const Tables& tables, MDB_dbi index,
                                               std::string_view key) {
    const auto bytes = look_up(txn, index, as_key(key));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<TokenView>{};
    auto token = find_by_key(txn, tables, text_of(to_value(**bytes)));
    if (token && !*token) return Errc::corrupt_record;
    return token;
}

Result<std::uint32_t> meta_number(MDB_txn* txn, const Tables& tables, std::string_view name) {
    const auto bytes = look_up(txn, tables.meta, as_key(name));
    if (!bytes) return bytes.error();
    std::uint32_t number = 0;
    if (!*bytes || !from_big_endian(to_value(**bytes), number)) return Errc::corrupt_record;
    return number;
}

}  // namespace kwikgate::store
