#include "auth/signature/signature_scheme.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "auth/decoy_record.hpp"
#include "auth/request_origin.hpp"
#include "auth/secret.hpp"
#include "auth/secret_match.hpp"
#include "auth/signature/coverage.hpp"
#include "auth/signature/signature_base.hpp"
#include "auth/signature/workspace.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::string_view kTestKeyPrefix = "kwk_test_ak_";

Timestamp at_second(std::int64_t seconds) {
    return Timestamp(std::chrono::milliseconds(seconds * 1000));
}

/// A body that is not there must still be the one that was signed.
bool matches_empty_body(const DigestSet& digests) {
    ContentDigest digest;
    digest.start(digests);
    return digest.finish();
}

SignatureFault check_digest(const RequestView& request, VerifiedSignature& out) {
    switch (read_content_digest(request, out.digests)) {
        case DigestFieldState::absent:  // Covered, so the base shows that it is missing.
            return SignatureFault::none;
        case DigestFieldState::malformed:
            return SignatureFault::digest_unparsable;
        case DigestFieldState::none_known:
            return SignatureFault::digest_algorithm;
        case DigestFieldState::usable:
            break;
    }
    if (!request.has_body && !matches_empty_body(out.digests))
        return SignatureFault::digest_without_body;
    out.covers_digest = true;
    return SignatureFault::none;
}

SignatureFault freshness_fault(const VerifiedSignature& signature, Timestamp now,
                               const SignaturePolicy& policy) {
    if (signature.created > now + policy.max_ahead)
        return looks_like_milliseconds(signature.created.time_since_epoch().count() / 1000)
                   ? SignatureFault::created_in_milliseconds
                   : SignatureFault::created_ahead;
    if (signature.valid_until >= now) return SignatureFault::none;
    const bool is_old = signature.created + policy.max_age < now;
    return is_old ? SignatureFault::created_too_old : SignatureFault::expires_passed;
}

}  // namespace

SignatureAuthenticator::SignatureAuthenticator(store::Reader& reader, Sealer& sealer,
                                               SignaturePolicy policy)
    : reader_(reader),
      sealer_(sealer),
      policy_(policy),
      decoy_record_(make_decoy_record(sealer)),
      workspace_(std::make_unique<Workspace>()) {}

SignatureAuthenticator::~SignatureAuthenticator() = default;

Decision SignatureAuthenticator::authenticate(const RequestView& request, Access route_access,
                                              Timestamp now, Principal& principal,
                                              VerifiedSignature& out,
                                              std::span<const WantedField> wanted) {
    out = VerifiedSignature{};
    out.fault = prepare(request, route_access, wanted, out);
    out.may_explain = workspace_->key_id().starts_with(kTestKeyPrefix);
    Reason reason = reason_of(out.fault);
    if (out.fault == SignatureFault::none) {
        reason = judge(request, now, principal, out);
    } else if (!out.may_explain) {
        const std::string_view key_id = workspace_->key_id();
        out.may_explain = key_id.empty() ? names_test_key(request) : has_debug(key_id);
    }
    return reason == Reason::none ? Decision{} : Decision::refuse(reason, Phase::authenticate);
}

/// All that needs no key, up to the finished base.
SignatureFault SignatureAuthenticator::prepare(const RequestView& request, Access route_access,
                                               std::span<const WantedField> wanted,
                                               VerifiedSignature& out) {
    SignatureInput& input = workspace_->input;
    SignatureFault fault = select_signature(request, input, workspace_->mac);
    if (fault != SignatureFault::none) return fault;
    fault = check_coverage(request, input, route_access, wanted);
    if (fault != SignatureFault::none) return fault;
    if (covers_content_digest(input)) fault = check_digest(request, out);
    if (fault != SignatureFault::none) return fault;
    BoundedText base(workspace_->memory);
    std::size_t faulty = 0;
    // What cannot be rebuilt was signed over another message than this one.
    const BaseFault base_fault = write_signature_base(request, input, base, faulty);
    if (base_fault != BaseFault::none) return signature_fault(base_fault);
    workspace_->base_size = base.size();
    out.key_id = input.key_id;
    out.nonce = input.nonce;
    out.created = at_second(input.created);
    out.valid_until = out.created + policy_.max_age;
    if (input.has_expires) out.valid_until = std::min(out.valid_until, at_second(input.expires));
    return SignatureFault::none;
}

Reason SignatureAuthenticator::judge(const RequestView& request, Timestamp now,
                                     Principal& principal, VerifiedSignature& out) {
    auto snapshot = reader_.snapshot();
    if (!snapshot) return Reason::store_unavailable;
    const std::string_view key_id = workspace_->key_id();
    std::optional<store::TokenView> token;
    if (!key_id.empty() && key_id.size() <= store::kMaxCredentialBytes) {
        auto found = snapshot->token_by_key(key_id);
        if (!found) return Reason::store_unavailable;
        token = *found;
    }
    std::uint32_t generation = 0;
    if (!token) {
        const auto decoy = store::decode(decoy_record_);
        if (decoy) static_cast<void>(verify(*decoy, now, generation));
        out.fault = SignatureFault::signature_differs;
        return Reason::credential_invalid;
    }
    out.may_explain = out.may_explain || token->debug;
    const Reason reason = verify(*token, now, generation);
    if (reason == Reason::credential_invalid) out.fault = SignatureFault::signature_differs;
    if (reason != Reason::none) return reason;
    out.fault = freshness_fault(out, now, policy_);
    if (out.fault != SignatureFault::none) return reason_of(out.fault);
    principal.assign(*token, request.client, request_origin(request));
    principal.scheme = Scheme::signature;
    principal.secret_generation = generation;
    return Reason::none;
}

Reason SignatureAuthenticator::verify(const store::TokenView& token, Timestamp now,
                                      std::uint32_t& generation) {
    return match_secret(token, now, generation, [&](const store::SecretRecord& secret) {
        HmacKey key;
        if (!sealer_.open(secret.sealed_key, token.id, key)) return Match::unopened;
        HmacSha256 hmac(key.expose());
        hmac.update(workspace_->base());
        std::array<std::uint8_t, HmacSha256::kSize> mac;
        hmac.finish(mac);
        return constant_time_equal(mac, workspace_->mac) ? Match::yes : Match::no;
    });
}

bool names_test_key(const RequestView& request) {
    for (const FieldLine& line : request.fields)
        if (line.known == FieldName::signature_input &&
            line.value.find(kTestKeyPrefix) != std::string_view::npos)
            return true;
    return false;
}

std::string_view SignatureAuthenticator::claimed_key(const RequestView& request) {
    const SignatureFault fault = select_signature(request, workspace_->input, workspace_->mac);
    return fault == SignatureFault::none ? workspace_->key_id() : std::string_view();
}

bool SignatureAuthenticator::has_debug(std::string_view key_id) {
    if (key_id.empty() || key_id.size() > store::kMaxCredentialBytes) return false;
    auto snapshot = reader_.snapshot();
    if (!snapshot) return false;
    const auto token = snapshot->token_by_key(key_id);
    return token && *token && (*token)->debug;
}

std::span<const Component> SignatureAuthenticator::covered() const {
    return {workspace_->input.components.data(), workspace_->input.component_count};
}

}  // namespace kwikgate::auth
