#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auth/decision.hpp"
#include "auth/request_view.hpp"
#include "auth/signature/signature_base.hpp"
#include "auth/signature/signature_fault.hpp"

/// What the server asks of a signature before it looks at any key. **Spec**: RFC 9421, 3.2, 7.2.
namespace kwikgate::auth {

inline constexpr std::string_view kAlgorithm = "hmac-sha256";
inline constexpr std::string_view kTag = "kwik";
inline constexpr std::size_t kMacBytes = 32;
inline constexpr std::size_t kMaxNonceBytes = 128;

/// A field that a signature must cover in every request that has it, in lower case.
struct WantedField {
    std::string name;
    FieldName known = FieldName::other;
};

/// Finds the one signature that is for us, in the two fields of the request: the only one; of
/// several, the only one with tag "kwik". Reasons of a refusal: `credential_missing` (both fields
/// are absent), `duplicate_field`, `credential_malformed`, `credential_ambiguous`. After a refusal
/// `out.key_id` is empty, and `out.at_fault` says where.
SignatureFault select_signature(const RequestView& request, SignatureInput& out,
                                std::array<std::uint8_t, kMacBytes>& mac);

/// Holds the chosen signature against the rules that no key is needed for. Reasons of a refusal:
/// `credential_malformed` (a component or parameter we refuse, another algorithm or tag, a nonce
/// that is too long), `signature_uncovered` (minimum coverage, created, keyid, a field of `wanted`
/// that is there and not covered as a whole), `nonce_missing`.
SignatureFault check_coverage(const RequestView& request, const SignatureInput& input,
                              Access route_access, std::span<const WantedField> wanted = {});

/// What of the target is not covered, in words; empty when all of it is.
std::string_view uncovered_of_target(const RequestView& request, const SignatureInput& input);

/// The first wanted field that is there and not covered as a whole; empty when there is none.
std::string_view uncovered_of_wanted(const RequestView& request, const SignatureInput& input,
                                     std::span<const WantedField> wanted);

/// Value of the `Accept-Signature` field for a 401: what the signature of this request must cover.
/// A literal, or built in `room` where the route wants more than the minimum. (The RFC has no way
/// to ask for a nonce of the client's choice: `nonce_missing` does.) **Spec**: RFC 9421, 5.1.
std::string_view accept_signature_field(const RequestView& request,
                                        std::span<const WantedField> wanted, std::string& room);

/// True when the whole Content-Digest field is covered (one member of it by `key` does not count).
bool covers_content_digest(const SignatureInput& input);

}  // namespace kwikgate::auth
