#include "store/usage_codec.hpp"

#include <algorithm>
#include <limits>

#include "store/bytes.hpp"

namespace kwikgate::store {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kNoScheme = 0xff;
// A time that no clock of ours gives stands for "never".
constexpr Timestamp kNever{Timestamp::duration{std::numeric_limits<std::int64_t>::min()}};

std::optional<Timestamp> unless_never(Timestamp time) {
    return time == kNever ? std::nullopt : std::optional<Timestamp>(time);
}

void write_sections(ByteWriter& out, const std::map<SectionId, Timestamp>& times) {
    out.u8(static_cast<std::uint8_t>(std::min(times.size(), kMaxSections)));
    std::size_t written = 0;
    for (const auto& [section, at] : times) {
        if (written++ == kMaxSections) return;
        out.u8(static_cast<std::uint8_t>(section));
        out.time(at);
    }
}

bool read_sections(ByteReader& in, std::map<SectionId, Timestamp>& out) {
    const std::size_t count = in.u8();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint8_t section = in.u8();
        const Timestamp at = in.time();
        if (section >= kMaxSections || !out.emplace(static_cast<SectionId>(section), at).second)
            return false;
    }
    return !in.failed();
}

bool read_secrets(ByteReader& in, std::map<std::uint32_t, Timestamp>& out) {
    const std::size_t count = in.u8();
    if (count > kMaxUsedSecrets) return false;
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint32_t generation = in.u32();
        if (!out.emplace(generation, in.time()).second) return false;
    }
    return !in.failed();
}

template <class Key>
void advance(std::map<Key, Timestamp>& times, Key key, Timestamp at) {
    const auto [place, is_new] = times.emplace(key, at);
    if (!is_new) place->second = std::max(place->second, at);
}

}  // namespace

std::vector<std::byte> encode_usage(const TokenUsage& usage) {
    ByteWriter out;
    out.u8(kVersion);
    out.u8(usage.last_scheme ? static_cast<std::uint8_t>(*usage.last_scheme) : kNoScheme);
    out.u64(usage.requests);
    out.time(usage.last_used_at.value_or(kNever));
    for (const auto& at : usage.scheme_last_used) out.time(at.value_or(kNever));
    write_sections(out, usage.section_last_read);
    write_sections(out, usage.section_last_written);
    const std::size_t secrets = std::min(usage.secret_last_used.size(), kMaxUsedSecrets);
    out.u8(static_cast<std::uint8_t>(secrets));
    auto place = usage.secret_last_used.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(usage.secret_last_used.size() - secrets));
    for (; place != usage.secret_last_used.end(); ++place) {
        out.u32(place->first);
        out.time(place->second);
    }
    return out.take();
}

Result<TokenUsage> decode_usage(std::span<const std::byte> bytes) {
    ByteReader in(bytes);
    if (const auto known = read_version(in, kVersion); !known) return known.error();
    TokenUsage usage;
    const std::uint8_t scheme = in.u8();
    if (scheme != kNoScheme) {
        if (scheme >= kSchemeCount) return Errc::corrupt_record;
        usage.last_scheme = static_cast<Scheme>(scheme);
    }
    usage.requests = in.u64();
    usage.last_used_at = unless_never(in.time());
    for (auto& at : usage.scheme_last_used) at = unless_never(in.time());
    if (in.failed() || !read_sections(in, usage.section_last_read) ||
        !read_sections(in, usage.section_last_written) || !read_secrets(in, usage.secret_last_used))
        return Errc::corrupt_record;
    return usage;
}

void apply(TokenUsage& usage, const UsageDelta& delta) {
    if (!usage.last_used_at || *usage.last_used_at <= delta.at) {
        usage.last_used_at = delta.at;
        usage.last_scheme = delta.scheme;
    }
    const auto scheme = static_cast<std::size_t>(delta.scheme);
    if (scheme < kSchemeCount) {
        auto& at = usage.scheme_last_used[scheme];
        at = at ? std::max(*at, delta.at) : delta.at;
    }
    if (delta.section && static_cast<std::size_t>(*delta.section) < kMaxSections)
        advance(delta.is_write ? usage.section_last_written : usage.section_last_read,
                *delta.section, delta.at);
    if (delta.secret_generation != 0) {
        advance(usage.secret_last_used, delta.secret_generation, delta.at);
        while (usage.secret_last_used.size() > kMaxUsedSecrets)
            usage.secret_last_used.erase(usage.secret_last_used.begin());
    }
    usage.requests += delta.requests;
}

}  // namespace kwikgate::store
