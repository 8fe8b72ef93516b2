#include "store/store.hpp"

#include <sys/random.h>

#include <utility>

#include "store/file_descriptor.hpp"
#include "store/files.hpp"
#include "store/lmdb_environment.hpp"
#include "store/lmdb_values.hpp"
#include "store/lookup.hpp"
#include "store/owner.hpp"
#include "store/reader_state.hpp"
#include "store/write_failures.hpp"
#include "store/write_state.hpp"

namespace kwikgate::store {
namespace {

constexpr int kMaxGrowths = 40;

Result<std::string> random_store_id() {
    std::array<std::uint8_t, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        return Errc::io_error;
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string id;
    for (const std::uint8_t byte : bytes) {
        id += kDigits[byte >> 4];
        id += kDigits[byte & 15];
    }
    return id;
}

/// Makes the tables and their first contents in an empty environment.
Result<void> initialise(const std::filesystem::path& directory, StoreOptions options) {
    options.mode = OpenMode::read_write;
    const auto environment = LmdbEnvironment::open(directory, options, true);
    if (!environment) return environment.error();
    const auto id = random_store_id();
    if (!id) return id.error();
    auto txn = (*environment)->begin(0);
    if (!txn) return txn.error();
    WriteState state(**environment, *txn);
    const MDB_dbi meta = state.tables().meta;
    const auto put = [&](std::string_view name, std::span<const std::byte> value) {
        return state.put(meta, as_key(name), value);
    };
    if (const auto r = put(kMetaFormat, big_endian(std::uint32_t{kFormatVersion})); !r) return r;
    if (const auto r = put(kMetaStoreId, as_key(*id)); !r) return r;
    if (const auto r = put(kMetaNextToken, big_endian(std::uint32_t{1})); !r) return r;
    if (const auto r = put(kMetaNextSection, big_endian(std::uint32_t{0})); !r) return r;
    const int code = mdb_txn_commit(std::exchange(state.txn, nullptr));
    state.environment.leave();
    return state.check(code);
}

Result<void> check_format(LmdbEnvironment& environment) {
    const auto txn = ReadTransaction::begin(environment);
    if (!txn) return txn.error();
    const auto format = meta_number(txn->handle(), environment.tables(), kMetaFormat);
    if (!format) return format.error() == Errc::corrupt_record ? Errc::not_a_store : format.error();
    if (*format > kFormatVersion) return Errc::newer_format;
    return {};
}

}  // namespace

Store::Store(std::unique_ptr<LmdbEnvironment> environment) : environment_(std::move(environment)) {}
Store::Store(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::create(const std::filesystem::path& directory, StoreOptions options) {
    const auto as_owner = AsOwner::of_nearest(directory);
    if (!as_owner) return as_owner.error();
    if (const auto made = make_directory(directory); !made) return made.error();
    if (is_present(directory / kDataFile)) return Errc::store_exists;
    // The store is made aside and moved into place whole, so that a crash leaves none or all of it.
    const auto staging = make_staging_directory(directory);
    if (!staging) return staging.error();
    auto done = initialise(*staging, options);
    if (done) done = move_into_place(*staging / kDataFile, directory / kDataFile);
    std::error_code ignored;
    std::filesystem::remove_all(*staging, ignored);
    if (!done) return done.error();
    if (const auto error = sync_directory(directory)) return to_errc(error.value());
    return open(directory, options);
}

Result<Store> Store::open(const std::filesystem::path& directory, StoreOptions options) {
    {
        const auto as_owner = AsOwner::of(directory);
        if (!as_owner) return as_owner.error();
        if (const auto present = must_be_data_file(as_owner->directory() / kDataFile); !present)
            return present.error();
    }
    auto environment = LmdbEnvironment::open(directory, options, false);
    if (!environment) return environment.error();
    if (const auto known = check_format(**environment); !known) return known.error();
    Store store(std::move(*environment));
    if (const auto cleared = store.clear_stale_readers(); !cleared) return cleared.error();
    return store;
}

Result<Reader> Store::reader() {
    auto state = std::make_unique<ReaderState>(*environment_);
    const auto txn = environment_->register_reader(state->active);
    if (!txn) return txn.error();
    state->txn = *txn;
    return Reader(std::move(state));
}

Result<Write> Store::begin_write() {
    if (environment_->is_read_only()) return Errc::read_only;
    if (!environment_->is_in_place()) return Errc::store_gone;
    // A reader that died pins old pages for good and would make the file grow with every change.
    if (const auto cleared = clear_stale_readers(); !cleared) return cleared.error();
    const auto txn = environment_->begin(0);
    if (!txn) return txn.error();
    return Write(std::make_unique<WriteState>(*environment_, *txn));
}

Result<void> Store::write(const std::function<Result<void>(Write&)>& change) {
    const auto write_and_grow = [&]() -> Result<void> {
        for (int growths = 0;; ++growths) {
            {
                auto write = begin_write();
                if (!write) return write.error();
                auto result = change(*write);
                if (result && !write->state_->is_map_full) result = write->commit();
                if (!write->state_->is_map_full) return result;
            }
            if (growths == kMaxGrowths) return Errc::map_full;
            // The transaction has ended: the map may be replaced.
            if (const auto grown = environment_->grow(); !grown) return grown.error();
        }
    };
    const auto result = write_and_grow();
    if (!result) count_if_failed(result.error());
    return result;
}

bool Store::is_in_place() const {
    return environment_->is_in_place();
}

Result<int> Store::clear_stale_readers() {
    int dead = 0;
    const int code = mdb_reader_check(environment_->handle(), &dead);
    if (code != MDB_SUCCESS) return to_errc(code);
    return dead;
}

}  // namespace kwikgate::store
