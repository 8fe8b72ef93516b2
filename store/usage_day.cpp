#include "store/usage_day.hpp"

#include <algorithm>
#include <limits>

#include "store/bytes.hpp"
#include "store/lmdb_values.hpp"

namespace kwikgate::store {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSectionBytes = 9;

std::uint32_t saturated(std::uint32_t count, std::uint32_t more) {
    const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - count;
    return count + std::min(room, more);
}

}  // namespace

std::vector<std::byte> encode_usage_day(const UsageDay& day) {
    const std::size_t count = std::min(day.sections.size(), kMaxSections);
    ByteWriter out;
    out.reserve(2 + kSectionBytes * count);
    out.u8(kVersion);
    out.u8(static_cast<std::uint8_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        out.u8(static_cast<std::uint8_t>(day.sections[i].section));
        out.u32(day.sections[i].reads);
        out.u32(day.sections[i].writes);
    }
    return out.take();
}

Result<UsageDay> decode_usage_day(sys_days day, std::span<const std::byte> bytes) {
    ByteReader in(bytes);
    if (const auto known = read_version(in, kVersion); !known) return known.error();
    UsageDay read{.day = day, .sections = {}};
    const std::size_t count = in.u8();
    if (count > kMaxSections) return Errc::corrupt_record;
    read.sections.reserve(count);
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint8_t section = in.u8();
        const std::uint32_t reads = in.u32();
        const std::uint32_t writes = in.u32();
        const bool ascends = read.sections.empty() ||
                             section > static_cast<std::uint8_t>(read.sections.back().section);
        if (section >= kMaxSections || !ascends) return Errc::corrupt_record;
        read.sections.push_back({static_cast<SectionId>(section), reads, writes});
    }
    if (in.failed()) return Errc::corrupt_record;
    return read;
}

void apply(UsageDay& day, const UsageDelta& delta) {
    if (!delta.section || static_cast<std::size_t>(*delta.section) >= kMaxSections) return;
    auto place = std::lower_bound(
        day.sections.begin(), day.sections.end(), *delta.section,
        [](const SectionCount& count, SectionId section) { return count.section < section; });
    if (place == day.sections.end() || place->section != *delta.section)
        place = day.sections.insert(place, {*delta.section, 0, 0});
    std::uint32_t& count = delta.is_write ? place->writes : place->reads;
    count = saturated(count, delta.requests);
}

std::optional<sys_days> day_of(const UsageDelta& delta) {
    if (!delta.section || delta.at.time_since_epoch().count() < 0) return std::nullopt;
    return std::chrono::floor<days>(delta.at);
}

UsageDayKey usage_day_key(TokenNumber token, sys_days day) {
    const auto first = big_endian(static_cast<std::uint32_t>(token));
    const auto second = big_endian(static_cast<std::uint32_t>(day.time_since_epoch().count()));
    UsageDayKey key{};
    std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), key.begin()));
    return key;
}

bool read_usage_day_key(const MDB_val& key, TokenNumber& token, sys_days& day) {
    std::uint64_t both = 0;
    if (!from_big_endian(key, both)) return false;
    token = static_cast<TokenNumber>(both >> 32);
    const auto number = static_cast<std::uint32_t>(both);
    if (number > static_cast<std::uint32_t>(std::numeric_limits<days::rep>::max() / 2))
        return false;
    day = sys_days(days(static_cast<days::rep>(number)));
    return true;
}

}  // namespace kwikgate::store
