#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace kwikgate::store {

/// Every durable time: milliseconds since the Unix epoch, UTC.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

enum class TokenStatus : std::uint8_t { live = 1, disabled = 2 };
enum class Environment : std::uint8_t { live = 1, test = 2 };
enum class Scheme : std::uint8_t { basic = 0, signature = 1, public_key = 2 };
inline constexpr std::size_t kSchemeCount = 3;

/// Dense number of a token, given at creation, never reused: indexes rate-limit and usage tables.
enum class TokenNumber : std::uint32_t {};

/// Number of a section in the store's registry: stable, never reused, below `kMaxSections`.
enum class SectionId : std::uint8_t {};
inline constexpr std::size_t kMaxSections = 128;

/// A fixed-size set of section ids. No allocation.
class SectionSet {
  public:
    constexpr void add(SectionId id) { words_[word(id)] |= bit(id); }
    constexpr void remove(SectionId id) { words_[word(id)] &= ~bit(id); }
    constexpr bool contains(SectionId id) const { return (words_[word(id)] & bit(id)) != 0; }
    constexpr bool empty() const { return words_[0] == 0 && words_[1] == 0; }
    constexpr int count() const { return std::popcount(words_[0]) + std::popcount(words_[1]); }
    constexpr std::array<std::uint64_t, 2> words() const { return words_; }
    static constexpr SectionSet from_words(std::array<std::uint64_t, 2> words) {
        SectionSet set;
        set.words_ = words;
        return set;
    }
    friend constexpr bool operator==(const SectionSet&, const SectionSet&) = default;
    /// Calls `visit(SectionId)` for each member, ascending.
    template <class Visit>
    constexpr void for_each(Visit&& visit) const {
        for (std::size_t i = 0; i < kMaxSections; ++i) {
            const auto id = static_cast<SectionId>(i);
            if (contains(id)) visit(id);
        }
    }

  private:
    static constexpr std::size_t word(SectionId id) {
        return (static_cast<std::size_t>(id) % kMaxSections) / 64;
    }
    static constexpr std::uint64_t bit(SectionId id) {
        return std::uint64_t{1} << (static_cast<std::size_t>(id) % 64);
    }
    std::array<std::uint64_t, 2> words_{};
};

/// An address as 16 bytes in network order; IPv4 is held as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// A CIDR block over `IpAddress`; `prefix_bits` counts in the 128-bit form (IPv4 /24 is 120).
struct IpRange {
    IpAddress address;
    std::uint8_t prefix_bits = 128;
    constexpr bool contains(const IpAddress& candidate) const {
        std::size_t left = prefix_bits;
        for (std::size_t i = 0; i < 16 && left > 0; ++i) {
            const std::size_t take = left < 8 ? left : 8;
            const auto mask = static_cast<std::uint8_t>(0xff << (8 - take));
            if ((candidate.bytes[i] & mask) != (address.bytes[i] & mask)) return false;
            left -= take;
        }
        return true;
    }
    friend constexpr bool operator==(const IpRange&, const IpRange&) = default;
};

/// A rate-limit override: sustained requests per second and the burst allowed on top at once.
struct RateLimit {
    std::uint32_t requests_per_second = 0;
    std::uint32_t burst = 0;
    friend constexpr bool operator==(const RateLimit&, const RateLimit&) = default;
};

}  // namespace kwikgate::store
