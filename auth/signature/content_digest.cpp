#include "auth/signature/content_digest.hpp"

#include "auth/base64.hpp"
#include "auth/signature/structured_field.hpp"

namespace kwikgate::auth {
namespace {

/// Decodes the digest of one algorithm; false when it is of the wrong size or was already there.
template <std::size_t Size>
bool take_digest(const BareItem& value, bool& is_present, std::array<std::uint8_t, Size>& out) {
    if (is_present || value.type != ItemType::byte_sequence) return false;
    std::array<std::uint8_t, Size> bytes;
    const std::optional<std::size_t> size = decode_byte_sequence(value.raw, bytes);
    if (!size || *size != Size) return false;
    out = bytes;
    is_present = true;
    return true;
}

bool read_line(std::string_view line, DigestSet& out) {
    FieldParser parser(line);
    parser.start();
    while (parser.more()) {
        std::string_view algorithm;
        BareItem value;
        FieldParameter parameter;
        if (!parser.key(algorithm) || !parser.equals() || !parser.bare_item(value)) return false;
        while (parser.next_parameter(parameter)) continue;
        if (value.type != ItemType::byte_sequence) return false;
        if (algorithm == "sha-256" && !take_digest(value, out.has_sha256, out.sha256)) return false;
        if (algorithm == "sha-512" && !take_digest(value, out.has_sha512, out.sha512)) return false;
    }
    return parser.finished();
}

/// Digests of a body are no secret, but a comparison that stops early helps nobody either.
template <std::size_t Size>
bool same(const std::array<std::uint8_t, Size>& a, const std::array<std::uint8_t, Size>& b) {
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < Size; ++i)
        difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

}  // namespace

DigestFieldState read_content_digest(const RequestView& request, DigestSet& out) {
    out = DigestSet{};
    bool is_present = false;
    for (const FieldLine& line : request.fields) {
        if (line.known != FieldName::content_digest) continue;
        is_present = true;
        if (!read_line(line.value, out)) return DigestFieldState::malformed;
    }
    if (!is_present) return DigestFieldState::absent;
    return out.empty() ? DigestFieldState::none_known : DigestFieldState::usable;
}

void ContentDigest::start(const DigestSet& expected) {
    expected_ = expected;
    sha256_.reset();
    sha512_.reset();
}

void ContentDigest::update(std::span<const std::uint8_t> bytes) {
    if (expected_.has_sha256) sha256_.update(bytes);
    if (expected_.has_sha512) sha512_.update(bytes);
}

void ContentDigest::update(std::string_view bytes) {
    update(std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                         bytes.size()));
}

bool ContentDigest::finish() {
    bool matches = !expected_.empty();
    found_.has_sha256 = expected_.has_sha256;
    found_.has_sha512 = expected_.has_sha512;
    if (expected_.has_sha256) {
        sha256_.finish(found_.sha256);
        matches = same(found_.sha256, expected_.sha256) && matches;
    }
    if (expected_.has_sha512) {
        sha512_.finish(found_.sha512);
        matches = same(found_.sha512, expected_.sha512) && matches;
    }
    expected_ = DigestSet{};
    return matches;
}

std::string ContentDigest::found() const {
    std::string field;
    if (found_.has_sha256) field += "sha-256=:" + encode_base64(found_.sha256) + ":";
    if (found_.has_sha256 && found_.has_sha512) field += ", ";
    if (found_.has_sha512) field += "sha-512=:" + encode_base64(found_.sha512) + ":";
    return field;
}

std::string content_digest_field(std::string_view body) {
    Sha256 hash;
    hash.update(body);
    std::array<std::uint8_t, Sha256::kSize> digest;
    hash.finish(digest);
    return "sha-256=:" + encode_base64(digest) + ":";
}

}  // namespace kwikgate::auth
