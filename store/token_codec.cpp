// The stored form of a token. Numbers are little-endian. A fixed part comes first, so that the
// request path reads it with plain loads; what varies in length follows in a fixed order.
//
//   u8  major (kMajor)         a reader refuses a greater one
//   u8  minor                  written by newer versions that only append; ignored
//   u16 flags                  see below
//   u32 number, u64 version, i64 created, updated, expires
//   u64 readable[2], writable[2]
//   u8  status, environment
//   u8  bytes of id, api_key, public_key, account;  u16 bytes of name
//   u8  count of ips, origins; u16 bytes of origins
//   u32 rate, burst
//   secret: u32 generation, i64 created, valid_until, 92 bytes sealed
//   id, api_key, public_key, account, name, ips, origins, previous secret (by flag)
//   u32 max_concurrent (by flag; since minor 1)
//   i64 imported (by flag; since minor 2)
//   anything after that was appended by a newer minor version and is ignored
#include <algorithm>

#include "store/bytes.hpp"
#include "store/token_record.hpp"

namespace kwikgate::store {
namespace {

constexpr std::uint8_t kMajor = 1;
constexpr std::uint8_t kMinor = 2;

constexpr std::uint16_t kRequireSignature = 1U << 0;
constexpr std::uint16_t kRequireFormSignature = 1U << 1;
constexpr std::uint16_t kDebug = 1U << 2;
constexpr std::uint16_t kExpires = 1U << 3;
constexpr std::uint16_t kHasRate = 1U << 4;
constexpr std::uint16_t kSecretEnds = 1U << 5;
constexpr std::uint16_t kHasPrevious = 1U << 6;
constexpr std::uint16_t kPreviousEnds = 1U << 7;
constexpr std::uint16_t kHasMaxConcurrent = 1U << 8;
constexpr std::uint16_t kKnownFlags = 0x01ff;
// A newer version may restrict a token by a flag unknown here: bits 0-11 must be understood, so
// that an older gateway fails closed. Bits 12-15 are for what may be ignored.
constexpr std::uint16_t kMustUnderstand = 0x0fff;
constexpr std::uint16_t kImported = 1U << 12;  // Matters for seconds: not worth a dead token.

bool within(std::string_view value, std::size_t least, std::size_t most) {
    return value.size() >= least && value.size() <= most;
}

bool keeps_limits(const TokenRecord& record) {
    const auto is_status =
        record.status == TokenStatus::live || record.status == TokenStatus::disabled;
    const auto is_environment =
        record.environment == Environment::live || record.environment == Environment::test;
    return is_status && is_environment && within(record.id, 1, kTokenIdBytes) &&
           within(record.name, 1, kMaxNameBytes) &&
           within(record.api_key, 1, kMaxCredentialBytes) &&
           within(record.public_key, 0, kMaxCredentialBytes) &&
           within(record.account, 0, kMaxAccountBytes) &&
           record.allowed_ips.size() <= kMaxAllowedIps &&
           record.allowed_origins.size() <= kMaxAllowedOrigins &&
           std::all_of(record.allowed_ips.begin(), record.allowed_ips.end(),
                       [](const IpRange& range) { return range.prefix_bits <= 128; }) &&
           std::all_of(record.allowed_origins.begin(), record.allowed_origins.end(),
                       [](const std::string& o) { return within(o, 1, kMaxOriginBytes); });
}

std::uint16_t flags_of(const TokenRecord& record) {
    unsigned flags = 0;
    const auto set = [&flags](bool condition, std::uint16_t flag) {
        if (condition) flags |= flag;
    };
    set(record.require_signature, kRequireSignature);
    set(record.require_form_signature, kRequireFormSignature);
    set(record.debug, kDebug);
    set(record.expires_at.has_value(), kExpires);
    set(record.rate.has_value(), kHasRate);
    set(record.secret.valid_until.has_value(), kSecretEnds);
    set(record.previous_secret.has_value(), kHasPrevious);
    set(record.previous_secret && record.previous_secret->valid_until, kPreviousEnds);
    set(record.max_concurrent != 0, kHasMaxConcurrent);
    set(record.imported_at.has_value(), kImported);
    return static_cast<std::uint16_t>(flags);
}

void write_secret(ByteWriter& out, const SecretRecord& secret) {
    out.u32(secret.generation);
    out.time(secret.created_at);
    out.time(secret.valid_until.value_or(Timestamp{}));
    out.raw(secret.sealed_key);
}

void read_secret(ByteReader& in, bool ends, SecretRecord& out) {
    out.generation = in.u32();
    out.created_at = in.time();
    const Timestamp until = in.time();
    if (ends) out.valid_until = until;
    in.copy(out.sealed_key);
}

std::uint8_t size8(std::size_t size) {
    return static_cast<std::uint8_t>(size);
}

void write_fixed_part(ByteWriter& out, const TokenRecord& record, std::size_t origins_bytes) {
    out.u8(kMajor);
    out.u8(kMinor);
    out.u16(flags_of(record));
    out.u32(static_cast<std::uint32_t>(record.number));
    out.u64(record.version);
    out.time(record.created_at);
    out.time(record.updated_at);
    out.time(record.expires_at.value_or(Timestamp{}));
    for (const std::uint64_t word : record.readable.words()) out.u64(word);
    for (const std::uint64_t word : record.writable.words()) out.u64(word);
    out.u8(static_cast<std::uint8_t>(record.status));
    out.u8(static_cast<std::uint8_t>(record.environment));
    out.u8(size8(record.id.size()));
    out.u8(size8(record.api_key.size()));
    out.u8(size8(record.public_key.size()));
    out.u8(size8(record.account.size()));
    out.u16(static_cast<std::uint16_t>(record.name.size()));
    out.u8(size8(record.allowed_ips.size()));
    out.u8(size8(record.allowed_origins.size()));
    out.u16(static_cast<std::uint16_t>(origins_bytes));
    out.u32(record.rate ? record.rate->requests_per_second : 0);
    out.u32(record.rate ? record.rate->burst : 0);
    write_secret(out, record.secret);
}

/// The lengths named by the fixed part.
struct TailSizes {
    std::size_t id, api_key, public_key, account, name, ips, origins, origins_bytes;
};

bool keeps_limits(const TailSizes& sizes) {
    return sizes.id >= 1 && sizes.id <= kTokenIdBytes && sizes.api_key >= 1 &&
           sizes.account <= kMaxAccountBytes && sizes.name >= 1 && sizes.name <= kMaxNameBytes &&
           sizes.ips <= kMaxAllowedIps && sizes.origins <= kMaxAllowedOrigins;
}

TailSizes read_sizes(ByteReader& in) {
    TailSizes sizes{};
    sizes.id = in.u8();
    sizes.api_key = in.u8();
    sizes.public_key = in.u8();
    sizes.account = in.u8();
    sizes.name = in.u16();
    sizes.ips = in.u8();
    sizes.origins = in.u8();
    sizes.origins_bytes = in.u16();
    return sizes;
}

SectionSet read_sections(ByteReader& in) {
    const std::uint64_t low = in.u64();
    const std::uint64_t high = in.u64();
    return SectionSet::from_words({low, high});
}

bool are_ips(std::span<const std::byte> encoded) {
    for (std::size_t i = kEncodedIpBytes - 1; i < encoded.size(); i += kEncodedIpBytes)
        if (std::to_integer<unsigned>(encoded[i]) > 128) return false;
    return true;
}

bool are_origins(std::span<const std::byte> encoded, std::size_t count) {
    ByteReader in(encoded);
    for (std::size_t i = 0; i < count; ++i)
        if (in.raw(in.u8()).empty()) return false;
    return !in.failed() && in.at_end();
}

bool read_status(ByteReader& in, TokenView& view) {
    const std::uint8_t status = in.u8();
    const std::uint8_t environment = in.u8();
    view.status = static_cast<TokenStatus>(status);
    view.environment = static_cast<Environment>(environment);
    return (status == 1 || status == 2) && (environment == 1 || environment == 2);
}

bool read_tail(ByteReader& in, const TailSizes& sizes, std::uint16_t flags, TokenView& view) {
    view.id = in.text(sizes.id);
    view.api_key = in.text(sizes.api_key);
    view.public_key = in.text(sizes.public_key);
    view.account = in.text(sizes.account);
    view.name = in.text(sizes.name);
    view.encoded_ips = in.raw(sizes.ips * kEncodedIpBytes);
    view.encoded_origins = in.raw(sizes.origins_bytes);
    if ((flags & kHasPrevious) != 0)
        read_secret(in, (flags & kPreviousEnds) != 0, view.previous_secret.emplace());
    if ((flags & kHasMaxConcurrent) != 0) view.max_concurrent = in.u32();
    if ((flags & kImported) != 0) view.imported_at = in.time();
    return !in.failed() && are_ips(view.encoded_ips) &&
           are_origins(view.encoded_origins, sizes.origins);
}

}  // namespace

Result<std::vector<std::byte>> encode(const TokenRecord& record) {
    if (!keeps_limits(record)) return Errc::invalid_argument;
    std::size_t origins_bytes = 0;
    for (const std::string& origin : record.allowed_origins) origins_bytes += 1 + origin.size();
    ByteWriter out;
    out.reserve(512 + origins_bytes);
    write_fixed_part(out, record, origins_bytes);
    out.text(record.id);
    out.text(record.api_key);
    out.text(record.public_key);
    out.text(record.account);
    out.text(record.name);
    for (const IpRange& range : record.allowed_ips) {
        out.raw(range.address.bytes);
        out.u8(range.prefix_bits);
    }
    for (const std::string& origin : record.allowed_origins) {
        out.u8(size8(origin.size()));
        out.text(origin);
    }
    if (record.previous_secret) write_secret(out, *record.previous_secret);
    if (record.max_concurrent != 0) out.u32(record.max_concurrent);
    if (record.imported_at) out.time(*record.imported_at);
    return out.take();
}

Result<TokenView> decode(std::span<const std::byte> bytes) {
    ByteReader in(bytes);
    TokenView view;
    const std::uint8_t major = in.u8();
    in.u8();
    const std::uint16_t flags = in.u16();
    if (in.failed() || major == 0) return Errc::corrupt_record;
    if (major > kMajor || (flags & kMustUnderstand & ~kKnownFlags) != 0) return Errc::newer_format;
    view.require_signature = (flags & kRequireSignature) != 0;
    view.require_form_signature = (flags & kRequireFormSignature) != 0;
    view.debug = (flags & kDebug) != 0;
    view.number = static_cast<TokenNumber>(in.u32());
    view.version = in.u64();
    view.created_at = in.time();
    view.updated_at = in.time();
    const Timestamp expires = in.time();
    if ((flags & kExpires) != 0) view.expires_at = expires;
    view.readable = read_sections(in);
    view.writable = read_sections(in);
    if (!read_status(in, view)) return Errc::corrupt_record;
    const TailSizes sizes = read_sizes(in);
    const std::uint32_t rate = in.u32();
    const std::uint32_t burst = in.u32();
    if ((flags & kHasRate) != 0) view.rate = RateLimit{rate, burst};
    read_secret(in, (flags & kSecretEnds) != 0, view.secret);
    if (in.failed() || !keeps_limits(sizes) || !read_tail(in, sizes, flags, view))
        return Errc::corrupt_record;
    return view;
}

}  // namespace kwikgate::store
