#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/decision.hpp"
#include "auth/master_key.hpp"
#include "auth/principal.hpp"
#include "auth/request_view.hpp"
#include "auth/signature/content_digest.hpp"
#include "auth/signature/coverage.hpp"
#include "auth/signature/signature_fault.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

/// How old and how far ahead `created` may be. Both ends included.
struct SignaturePolicy {
    std::chrono::milliseconds max_age{300'000};
    std::chrono::milliseconds max_ahead{30'000};
};

/// What a right signature said. **Borrows** the request.
struct VerifiedSignature {
    std::string_view key_id;  ///< As written between the quotes: one spelling for each API_KEY.
    std::string_view nonce;   ///< As written between the quotes; empty when there is none.
    Timestamp created{};
    Timestamp valid_until{};     ///< Accepted up to here, so the nonce must be known up to here.
    bool covers_digest = false;  ///< `content-digest` is signed: hold the body against `digests`.
    DigestSet digests;           ///< Filled when `covers_digest`.
    /// After a refusal: its first cause; `none` where it was no fault of the request. The same for
    /// an unknown key and a wrong secret.
    SignatureFault fault = SignatureFault::none;
    /// Also after a refusal: the answer may carry `report`. Set for a key id with the shape of a
    /// test key, whether it exists or not (so the answer tells nothing), and for tokens with
    /// `debug`.
    bool may_explain = false;
};

/// What was known when a signed request was refused, beside the request.
struct RefusedSignature {
    SignatureFault fault = SignatureFault::none;
    Timestamp now{};
    std::string_view body_digest;  ///< Of the body that arrived, as a field; empty: not computed.
};

/// A refused signature in words. Holds only what the client itself sent, what it must send, and the
/// digest of its body.
struct SignatureReport {
    std::string words;  ///< What is wrong; the words of the fault's row.
    std::string base;   ///< `describe_base`.
};

/// Verifies HTTP message signatures (RFC 9421, hmac-sha256) and holds them against the server's
/// minimum coverage. One per worker. **Threads**: one. **Owns** 25 KiB that it works in.
/// **Cost**: about 0.8 us, no allocation: one look-up, one AES-GCM open and one HMAC; a refusal
/// always takes two of each of the latter, for a token with one secret, two, or no token at all, so
/// that time tells nothing about which of key and signature was wrong.
class SignatureAuthenticator {
  public:
    static constexpr std::size_t kMaxBaseBytes = 16 * 1024;

    /// `reader` and `sealer` must outlive it. Throws std::runtime_error when no decoy can be made.
    SignatureAuthenticator(store::Reader& reader, Sealer& sealer, SignaturePolicy policy = {});
    ~SignatureAuthenticator();
    SignatureAuthenticator(const SignatureAuthenticator&) = delete;
    SignatureAuthenticator& operator=(const SignatureAuthenticator&) = delete;

    /// In this order: `duplicate_field` (a repeated Signature or Signature-Input line),
    /// `credential_malformed`, `credential_ambiguous` (no single eligible signature),
    /// `signature_uncovered`, `nonce_missing` (route_access write), `digest_mismatch` (a covered
    /// Content-Digest that cannot match), `store_unavailable`, `credential_invalid`, then
    /// `signature_not_yet_valid` and `signature_expired`: freshness of a right signature only.
    /// On success fills `principal` and `out`.
    /// `wanted` has what the route demands beyond the minimum.
    Decision authenticate(const RequestView& request, Access route_access, Timestamp now,
                          Principal& principal, VerifiedSignature& out,
                          std::span<const WantedField> wanted = {});

    /// The components of the signature that `authenticate` let in last. **Borrows** the request.
    std::span<const Component> covered() const;

    /// The signature base as computed here, line by line, for the author of a failing client; or
    /// one sentence on why there is none. Holds only what the client itself sent. Cold path:
    /// allocates, bounded.
    std::string describe_base(const RequestView& request);

    /// Why the request was refused. Says the same of an unknown key and of a wrong secret.
    /// `refused.fault` is made more exact where the key id alone shows what is wrong with it. Cold
    /// path: allocates, bounded.
    SignatureReport report(const RequestView& request, RefusedSignature& refused);

    /// The API_KEY that the one eligible signature names; empty when there is none. Says nothing
    /// about whether it is right. Valid until the next call. **Cost**: parses the two fields.
    std::string_view claimed_key(const RequestView& request);

    void set_policy(SignaturePolicy policy) { policy_ = policy; }

  private:
    struct Workspace;

    SignatureFault prepare(const RequestView& request, Access route_access,
                           std::span<const WantedField> wanted, VerifiedSignature& out);
    Reason judge(const RequestView& request, Timestamp now, Principal& principal,
                 VerifiedSignature& out);
    Reason verify(const store::TokenView& token, Timestamp now, std::uint32_t& generation);
    std::string particular(const RequestView& request, const RefusedSignature& refused);
    std::string faulty_component(const RequestView& request);
    bool has_debug(std::string_view key_id);

    store::Reader& reader_;
    Sealer& sealer_;
    SignaturePolicy policy_;
    std::vector<std::byte> decoy_record_;  // What unknown key ids are checked against.
    std::unique_ptr<Workspace> workspace_;
};

/// True when a Signature-Input line, readable or not, holds the beginning of a test key: what is
/// wrong with it may be told.
bool names_test_key(const RequestView& request);

}  // namespace kwikgate::auth
