#include "auth/credential.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/base62.hpp"
#include "store/token_record.hpp"

namespace kwikgate::auth {
namespace {

enum class Kind { api_key, api_secret, public_key };

constexpr std::size_t body_bytes(Kind kind) {
    return kind == Kind::api_secret ? kSecretBodyBytes : kKeyBodyBytes;
}
constexpr std::size_t generated_bytes(Kind kind) {
    return kPrefixBytes + body_bytes(kind) + (kind == Kind::api_secret ? kChecksumBytes : 0);
}

constexpr std::string_view prefix(Kind kind, Environment environment) {
    const bool is_test = environment == Environment::test;
    switch (kind) {
        case Kind::api_key:
            return is_test ? "kwk_test_ak_" : "kwk_live_ak_";
        case Kind::api_secret:
            return is_test ? "kwk_test_sk_" : "kwk_live_sk_";
        case Kind::public_key:
            return is_test ? "kwk_test_pk_" : "kwk_live_pk_";
    }
    return {};
}

bool has_prefix(std::string_view text, Kind kind) {
    return text.starts_with(prefix(kind, Environment::live)) ||
           text.starts_with(prefix(kind, Environment::test));
}

/// The polynomial of ISO 3309, reflected. Computed bit by bit: nothing on the request path uses it.
std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = 0xffffffffU;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

/// Draws into place, so that no copy of a secret is left in a buffer that grew.
Result<std::string> generate(Kind kind, Environment environment) {
    std::string text(generated_bytes(kind), '0');
    prefix(kind, environment).copy(text.data(), kPrefixBytes);
    const std::span<char> body(text.data() + kPrefixBytes, body_bytes(kind));
    if (!put_random_base62(body)) return Errc::crypto_failure;
    if (kind == Kind::api_secret) {
        const auto checksum = secret_checksum({body.data(), body.size()});
        std::copy(checksum.begin(), checksum.end(), body.end());
    }
    return text;
}

CredentialForm form_of(std::string_view text, Kind kind) {
    if (!has_prefix(text, kind)) {
        const bool fits =
            text.size() >= kMinCredentialBytes && text.size() <= store::kMaxCredentialBytes;
        const bool colon = kind != Kind::api_secret && text.find(':') != std::string_view::npos;
        return fits && !colon && is_visible_ascii(text) ? CredentialForm::opaque
                                                        : CredentialForm::unusable;
    }
    if (text.size() != generated_bytes(kind)) return CredentialForm::mistyped;
    const std::string_view body = text.substr(kPrefixBytes);
    if (!is_base62(body)) return CredentialForm::mistyped;
    if (kind == Kind::api_secret) {
        const auto checksum = secret_checksum(body.substr(0, kSecretBodyBytes));
        if (body.substr(kSecretBodyBytes) != std::string_view(checksum.data(), checksum.size()))
            return CredentialForm::mistyped;
    }
    return CredentialForm::generated;
}

bool is_importable(CredentialForm form) {
    return form == CredentialForm::generated || form == CredentialForm::opaque;
}

}  // namespace

std::array<char, kChecksumBytes> secret_checksum(std::string_view body) {
    std::array<char, kChecksumBytes> digits{};
    put_base62(crc32(body), digits);
    return digits;
}

Result<std::string> generate_api_key(Environment environment) {
    return generate(Kind::api_key, environment);
}

Result<SecretString> generate_api_secret(Environment environment) {
    auto text = generate(Kind::api_secret, environment);
    if (!text) return text.error();
    return SecretString(std::move(*text));
}

Result<std::string> generate_public_key(Environment environment) {
    return generate(Kind::public_key, environment);
}

CredentialForm api_key_form(std::string_view text) {
    return form_of(text, Kind::api_key);
}
CredentialForm api_secret_form(std::string_view text) {
    return form_of(text, Kind::api_secret);
}
CredentialForm public_key_form(std::string_view text) {
    return form_of(text, Kind::public_key);
}

bool looks_like_api_secret(std::string_view text) {
    return has_prefix(text, Kind::api_secret);
}

bool is_importable_key(std::string_view text) {
    // A secret in the place of a key would be stored and listed in the open.
    if (looks_like_api_secret(text)) return false;
    return is_importable(api_key_form(text)) && is_importable(public_key_form(text));
}

bool is_importable_secret(std::string_view text) {
    return is_importable(api_secret_form(text));
}

std::string partial_credential(std::string_view text) {
    const bool ours = has_prefix(text, Kind::api_key) || has_prefix(text, Kind::public_key);
    const std::size_t fixed = ours ? kPrefixBytes : 0;
    const std::size_t shown = std::min<std::size_t>(4, (text.size() - fixed) / 4);
    std::string out(text.substr(0, fixed + shown));
    out += "\xe2\x80\xa6";  // An ellipsis.
    out += text.substr(text.size() - shown);
    return out;
}

}  // namespace kwikgate::auth
