#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "store/error.hpp"
#include "store/types.hpp"

namespace kwikgate::store {

/// Appends little-endian numbers and strings to a growing buffer: the writing half of every record.
class ByteWriter {
  public:
    void u8(std::uint8_t value) { bytes_.push_back(static_cast<std::byte>(value)); }
    void u16(std::uint16_t value) { number(value); }
    void u32(std::uint32_t value) { number(value); }
    void u64(std::uint64_t value) { number(value); }
    void time(Timestamp value) {
        number(static_cast<std::uint64_t>(value.time_since_epoch().count()));
    }
    void raw(std::span<const std::byte> value) {
        bytes_.insert(bytes_.end(), value.begin(), value.end());
    }
    void raw(std::span<const std::uint8_t> value) { raw(std::as_bytes(value)); }
    void text(std::string_view value) {
        raw(std::as_bytes(std::span<const char>(value.data(), value.size())));
    }
    void reserve(std::size_t size) { bytes_.reserve(size); }
    std::vector<std::byte> take() { return std::move(bytes_); }

  private:
    template <class Unsigned>
    void number(Unsigned value) {
        for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
            bytes_.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xffU));
    }
    std::vector<std::byte> bytes_;
};

/// Reads what `ByteWriter` wrote, from any bytes. Reading past the end gives zeros or empty views
/// and makes `failed()` true for good, so that a decoder checks once. **Borrows** the bytes.
class ByteReader {
  public:
    explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

    std::uint8_t u8() { return number<std::uint8_t>(); }
    std::uint16_t u16() { return number<std::uint16_t>(); }
    std::uint32_t u32() { return number<std::uint32_t>(); }
    std::uint64_t u64() { return number<std::uint64_t>(); }
    Timestamp time() {
        return Timestamp(Timestamp::duration(static_cast<std::int64_t>(number<std::uint64_t>())));
    }
    std::span<const std::byte> raw(std::size_t size) {
        if (size > rest_.size()) {
            failed_ = true;
            rest_ = {};
            return {};
        }
        const auto taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    std::string_view text(std::size_t size) {
        const auto taken = raw(size);
        // Bytes are read as the characters they were written from.
        return {reinterpret_cast<const char*>(taken.data()), taken.size()};
    }
    template <std::size_t Size>
    void copy(std::array<std::uint8_t, Size>& out) {
        const auto taken = raw(Size);
        if (!taken.empty()) std::memcpy(out.data(), taken.data(), Size);
    }
    bool failed() const { return failed_; }
    bool at_end() const { return rest_.empty(); }

  private:
    template <class Unsigned>
    Unsigned number() {
        const auto taken = raw(sizeof(Unsigned));
        Unsigned value = 0;
        if (taken.empty()) return value;
        // The layout is little-endian; on such machines this loop is one load.
        if constexpr (std::endian::native == std::endian::little) {
            std::memcpy(&value, taken.data(), sizeof(Unsigned));
        } else {
            for (std::size_t i = sizeof(Unsigned); i-- > 0;)
                value = static_cast<Unsigned>((value << 8) | std::to_integer<Unsigned>(taken[i]));
        }
        return value;
    }
    std::span<const std::byte> rest_;
    bool failed_ = false;
};

/// Reads the version that a record begins with. **Errors**: `corrupt_record` for none,
/// `newer_format` for one above `newest`.
inline Result<void> read_version(ByteReader& in, std::uint8_t newest) {
    const std::uint8_t version = in.u8();
    if (in.failed() || version == 0) return Errc::corrupt_record;
    if (version > newest) return Errc::newer_format;
    return {};
}

}  // namespace kwikgate::store
