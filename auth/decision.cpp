#include "auth/decision.hpp"

#include <array>

namespace kwikgate::auth {
namespace {

// What an answer does beside its status, named so that the table reads as a sentence.
constexpr unsigned kKeeps = 0;
constexpr unsigned kCloses = 1;
constexpr unsigned kChallenges = 2;
constexpr unsigned kRetryAfter = 4;
constexpr unsigned kCounts = 8;

struct Rows {
    std::array<ReasonRow, kReasonCount> row{};
    std::size_t size = 0;

    constexpr void add(Reason reason, std::string_view token, std::uint16_t status,
                       std::string_view error_code, std::string_view message, unsigned effects) {
        row[size++] = ReasonRow{reason,
                                token,
                                status,
                                error_code,
                                message,
                                (effects & kCloses) != 0,
                                (effects & kChallenges) != 0,
                                (effects & kRetryAfter) != 0,
                                (effects & kCounts) != 0};
    }
};

// A refusal that leaves a doubt about where the message ends, or about how somebody else on the
// path would read it, closes the connection: nothing behind it can be trusted to be a request.
constexpr void add_client_errors(Rows& t) {
    using enum Reason;
    t.add(bad_request_line, "bad_request_line", 400, "G00", "Bad request line", kCloses);
    t.add(bad_header, "bad_header", 400, "G00", "Bad header field", kCloses);
    t.add(bad_framing, "bad_framing", 400, "G00", "Bad message framing", kCloses);
    t.add(bad_host, "bad_host", 400, "G00", "Bad Host header", kCloses);
    t.add(target_ambiguous, "target_ambiguous", 400, "G00", "Ambiguous request target", kCloses);
    t.add(credential_ambiguous, "credential_ambiguous", 400, "G00", "More than one credential",
          kKeeps);
    t.add(duplicate_field, "duplicate_field", 400, "G00", "Repeated header field", kCloses);
    t.add(body_invalid, "body_invalid", 400, "002", "Invalid body layout", kKeeps);
    t.add(body_unexpected, "body_unexpected", 400, "G00", "Body not expected here", kCloses);
}

// Every failed attempt counts against the address, except a request without any credential: clients
// that wait for the challenge before they send one are not guessing.
constexpr void add_unauthenticated(Rows& t) {
    using enum Reason;
    constexpr unsigned kFailed = kChallenges | kCounts;
    t.add(credential_missing, "credential_missing", 401, "001", "No API key provided.",
          kChallenges);
    t.add(credential_malformed, "credential_malformed", 401, "001", "Malformed credentials.",
          kFailed);
    t.add(credential_invalid, "credential_invalid", 401, "001", "Invalid API key provided.",
          kFailed);
    t.add(signature_expired, "signature_expired", 401, "G01", "Signature expired", kFailed);
    t.add(signature_not_yet_valid, "signature_not_yet_valid", 401, "G01", "Signature not yet valid",
          kFailed);
    t.add(signature_uncovered, "signature_uncovered", 401, "G01", "Signature covers too little",
          kFailed);
    t.add(digest_mismatch, "digest_mismatch", 401, "G01", "Content digest does not match", kFailed);
    t.add(nonce_missing, "nonce_missing", 401, "G01", "Signature nonce missing", kFailed);
    t.add(nonce_replayed, "nonce_replayed", 401, "G01", "Signature nonce already used", kFailed);
}

constexpr void add_forbidden(Rows& t) {
    using enum Reason;
    t.add(token_disabled, "token_disabled", 403, "G03", "Token disabled", kKeeps);
    t.add(token_expired, "token_expired", 403, "G03", "Token expired", kKeeps);
    t.add(scheme_not_allowed, "scheme_not_allowed", 403, "G03", "Scheme not allowed", kKeeps);
    t.add(address_not_allowed, "address_not_allowed", 403, "G03", "Address not allowed", kKeeps);
    t.add(origin_not_allowed, "origin_not_allowed", 403, "G03", "Origin not allowed", kKeeps);
    t.add(environment_not_allowed, "environment_not_allowed", 403, "G03", "Environment not allowed",
          kKeeps);
    t.add(section_not_granted, "section_not_granted", 403, "G04", "Section not granted", kKeeps);
    t.add(write_not_granted, "write_not_granted", 403, "G05", "Write not granted", kKeeps);
    t.add(route_unknown, "route_unknown", 404, "006", "Invalid URL parameter", kKeeps);
    t.add(method_not_allowed, "method_not_allowed", 405, "006", "Method not allowed", kKeeps);
}

constexpr void add_limits(Rows& t) {
    using enum Reason;
    t.add(request_timeout, "request_timeout", 408, "G06", "Request timeout", kCloses);
    t.add(body_too_large, "body_too_large", 413, "G06", "Body too large", kCloses);
    t.add(target_too_long, "target_too_long", 414, "G06", "Request target too long", kCloses);
    t.add(content_type_unsupported, "content_type_unsupported", 415, "G06",
          "Content type not supported", kKeeps);
    t.add(expectation_failed, "expectation_failed", 417, "G06", "Expectation failed", kCloses);
    t.add(header_too_large, "header_too_large", 431, "G06", "Header too large", kCloses);
    t.add(rate_limited, "rate_limited", 429, "G07", "Too many requests", kRetryAfter);
    t.add(concurrency_limited, "concurrency_limited", 429, "G07", "Too many requests at once",
          kRetryAfter);
    t.add(nonce_limited, "nonce_limited", 429, "G07", "Too many nonces in use", kRetryAfter);
    t.add(address_limited, "address_limited", 429, "G07", "Too many failed attempts", kRetryAfter);
}

// Draining closes, so that the client's next request finds another server. Shedding does not: to
// connect anew costs more than what was refused.
constexpr void add_server_errors(Rows& t) {
    using enum Reason;
    t.add(method_unsupported, "method_unsupported", 501, "G08", "Method not supported", kKeeps);
    t.add(transfer_coding_unsupported, "transfer_coding_unsupported", 501, "G08",
          "Transfer coding not supported", kCloses);
    t.add(version_unsupported, "version_unsupported", 505, "G08", "HTTP version not supported",
          kCloses);
    t.add(upstream_unreachable, "upstream_unreachable", 502, "G09", "Upstream unreachable", kKeeps);
    t.add(upstream_reset, "upstream_reset", 502, "G09", "Upstream connection lost", kKeeps);
    t.add(upstream_malformed, "upstream_malformed", 502, "G09", "Upstream answer malformed",
          kKeeps);
    t.add(upstream_timeout, "upstream_timeout", 504, "G09", "Upstream timeout", kKeeps);
    t.add(store_unavailable, "store_unavailable", 503, "G10", "Token store unavailable",
          kRetryAfter);
    t.add(overloaded, "overloaded", 503, "G10", "Gateway overloaded", kRetryAfter);
    t.add(draining, "draining", 503, "G10", "Gateway shutting down", kCloses | kRetryAfter);
    t.add(replay_table_full, "replay_table_full", 503, "G10", "Replay table full", kRetryAfter);
    t.add(replay_state_lost, "replay_state_lost", 503, "G10", "Replay state lost, sign again",
          kRetryAfter);
    t.add(no_healthy_upstream, "no_healthy_upstream", 503, "G10", "No healthy upstream",
          kRetryAfter);
}

constexpr Rows build_table() {
    Rows t;
    t.add(Reason::none, "none", 0, "", "", kKeeps);
    add_client_errors(t);
    add_unauthenticated(t);
    add_forbidden(t);
    add_limits(t);
    add_server_errors(t);
    return t;
}

constexpr Rows kTable = build_table();

constexpr bool is_sound(const Rows& table) {
    if (table.size != kReasonCount) return false;
    for (std::size_t i = 0; i < kReasonCount; ++i) {
        const ReasonRow& entry = table.row[i];
        if (static_cast<std::size_t>(entry.reason) != i) return false;
        if (entry.message.size() > 32) return false;
        if (i != 0 && (entry.error_code.size() != 3 || entry.message.empty())) return false;
        if (entry.challenges != (entry.status == 401)) return false;
        if (entry.retry_after != (entry.status == 429 || entry.status == 503)) return false;
        if (entry.counts_as_auth_failure && entry.status != 401) return false;
    }
    return true;
}
static_assert(is_sound(kTable), "the rows stand in the order of the enumerators, within limits");

}  // namespace

const ReasonRow& row(Reason reason) {
    const auto index = static_cast<std::size_t>(reason);
    return kTable.row[index < kReasonCount ? index : 0];
}

std::span<const ReasonRow> reason_table() {
    return kTable.row;
}

std::optional<Reason> reason_from_token(std::string_view token) {
    for (const ReasonRow& entry : kTable.row)
        if (entry.token == token) return entry.reason;
    return std::nullopt;
}

}  // namespace kwikgate::auth
