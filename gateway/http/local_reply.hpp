#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/decision.hpp"

namespace kwikgate::gateway::http {

/// What an answer of the gateway's own holds beside its row of the table. Views live during the
/// call.
struct LocalReply {
    auth::Reason reason = auth::Reason::none;
    std::string_view date;  ///< Empty: left out.
    std::string_view request_id;
    std::string_view accept;    ///< The client's Accept, to choose problem+json (RFC 9457).
    bool head_request = false;  ///< Send the header only.
    bool keep_alive = false;
    std::string_view allow;  ///< For method_not_allowed.
    std::uint32_t retry_after_seconds = 1;
    std::string_view limit_policy = "token";  ///< Whose limit RateLimit-Policy names.
    std::uint32_t limit_quota = 0;  ///< Per window; 0: RateLimit and RateLimit-Policy are left out.
    std::uint32_t limit_window_seconds = 1;
    std::uint32_t limit_burst = 0;
    std::uint32_t limit_remaining = 0;
    std::string_view needed_section;  ///< Details of section_not_granted, write_not_granted.
    auth::Access needed_access = auth::Access::read;
    std::string_view held_access;  ///< "none", "read" or "read-write" for that section.
    bool offers_basic = true;      ///< Which challenges WWW-Authenticate carries.
    bool offers_signature = true;
    bool offers_public_key = false;
    std::string_view cors_origin;       ///< Set: a page of that origin may read the answer.
    std::string_view accept_signature;  ///< The Accept-Signature value; empty: left out.
    std::string_view signature_base;    ///< For test and debug tokens: the base we computed.
    std::string_view signature_cause;   ///< With it: why the signature was refused, as one word,
    std::string_view signature_words;   ///< as a sentence,
    std::string_view signature_advice;  ///< and what to do.
    std::string_view authority;         ///< With it: what stands in it, and which field or
    std::string_view authority_from;    ///< setting that came from.
    std::string_view scheme;
    std::string_view scheme_from;
};

/// Appends the whole answer, header and body, to `out`. Kwik's layout as application/json, or
/// application/problem+json where Accept prefers it. **Cost**: allocates only while `out` grows.
void write_local_reply(const LocalReply& reply, std::string& out);

/// Appends the whole 204 to an OPTIONS request that goes no further.
void write_options_reply(std::string_view allow, std::string_view request_id, bool keep_alive,
                         std::string& out);

/// The interim answer to Expect: 100-continue.
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace kwikgate::gateway::http
