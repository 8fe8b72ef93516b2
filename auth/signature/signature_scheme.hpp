#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/decision.hpp"
#include "auth/master_key.hpp"
#include "auth/principal.hpp"
#include "auth/request_view.hpp"
#include "auth/signature/content_digest.hpp"
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
    /// Also after a refusal: the answer may carry `describe_base`. Set for a key id with the shape
    /// of a test key, whether it exists or not (so the answer tells nothing), and for tokens with
    /// `debug`.
    bool may_explain = false;
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
    Decision authenticate(const RequestView& request, Access route_access, Timestamp now,
                          Principal& principal, VerifiedSignature& out);

    /// The signature base as computed here, line by line, for the author of a failing client; or
    /// one sentence on why there is none. Holds only what the client itself sent. Cold path:
    /// allocates, bounded.
    std::string describe_base(const RequestView& request);

    void set_policy(SignaturePolicy policy) { policy_ = policy; }

  private:
    struct Workspace;

    Reason prepare(const RequestView& request, Access route_access, VerifiedSignature& out);
    Reason judge(const RequestView& request, Timestamp now, Principal& principal,
                 VerifiedSignature& out);
    Reason verify(const store::TokenView& token, Timestamp now, std::uint32_t& generation);
    bool has_debug(std::string_view key_id);

    store::Reader& reader_;
    Sealer& sealer_;
    SignaturePolicy policy_;
    std::vector<std::byte> decoy_record_;  // What unknown key ids are checked against.
    std::unique_ptr<Workspace> workspace_;
};

/// Value of the `Accept-Signature` field for a 401: what a signature must cover, with or without a
/// body. A literal. (The RFC has no way to ask for a nonce of the client's choice: `nonce_missing`
/// does.)
/// **Spec**: RFC 9421, 5.1.
std::string_view accept_signature_field(bool has_body);

}  // namespace kwikgate::auth
