#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "auth/vocabulary.hpp"

namespace kwikgate::auth {

/// Every reason for which the gateway answers by itself. The enumerator is the log token, the
/// metric label, the JSON `reason` and the row of docs/errors.md. `none` means: nothing was
/// refused.
enum class Reason : std::uint8_t {
    none,
    // 400
    bad_request_line,
    bad_header,
    bad_framing,
    bad_host,
    target_ambiguous,
    credential_ambiguous,
    duplicate_field,
    body_invalid,
    body_unexpected,
    // 401
    credential_missing,
    credential_malformed,
    credential_invalid,
    signature_expired,
    signature_not_yet_valid,
    signature_uncovered,
    digest_mismatch,
    nonce_missing,
    nonce_replayed,
    // 403
    token_disabled,
    token_expired,
    scheme_not_allowed,
    address_not_allowed,
    origin_not_allowed,
    environment_not_allowed,
    section_not_granted,
    write_not_granted,
    // 404, 405
    route_unknown,
    method_not_allowed,
    // 408, 413, 414, 415, 417, 431
    request_timeout,
    body_too_large,
    target_too_long,
    content_type_unsupported,
    expectation_failed,
    header_too_large,
    // 429
    rate_limited,
    concurrency_limited,
    nonce_limited,
    address_limited,
    // 501, 505
    method_unsupported,
    transfer_coding_unsupported,
    version_unsupported,
    // 502, 504
    upstream_unreachable,
    upstream_reset,
    upstream_malformed,
    upstream_timeout,
    // 503
    store_unavailable,
    overloaded,
    draining,
    replay_table_full,
    replay_state_lost,
    no_healthy_upstream,
};
inline constexpr std::size_t kReasonCount =
    static_cast<std::size_t>(Reason::no_healthy_upstream) + 1;

/// One row of the table reason -> answer.
struct ReasonRow {
    Reason reason;
    std::string_view token;       ///< Spelled as the enumerator.
    std::uint16_t status;         ///< HTTP status code; 0 for `none`.
    std::string_view error_code;  ///< Kwik's three characters.
    std::string_view message;     ///< At most 32 characters, says nothing the client may not know.
    bool closes_connection;       ///< The message boundary is lost or the peer is not trusted.
    bool challenges;              ///< The answer carries WWW-Authenticate.
    bool retry_after;             ///< The answer carries Retry-After.
    bool counts_as_auth_failure;  ///< Counts against the per-address failure limit.
};

/// The one table, indexed by the enumerator. **Cost**: a load.
const ReasonRow& row(Reason reason);
std::span<const ReasonRow> reason_table();
std::optional<Reason> reason_from_token(std::string_view token);

/// The outcome of judging a request: a reason and the phase that gave it.
struct Decision {
    Reason reason = Reason::none;
    Phase phase = Phase::framing;
    bool allowed() const { return reason == Reason::none; }
    static constexpr Decision refuse(Reason reason, Phase phase) { return {reason, phase}; }
};

}  // namespace kwikgate::auth
