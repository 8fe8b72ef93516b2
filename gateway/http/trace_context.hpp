#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/principal.hpp"
#include "gateway/http/request_id.hpp"

namespace kwikgate::gateway::http {

inline constexpr std::size_t kTraceparentBytes = 55;

/// The traceparent that goes upstream: `00-<trace id>-<parent id>-<flags>`.
using Traceparent = auth::InlineString<kTraceparentBytes>;

/// True for a value that may be carried on: lower-case hex, no all-zero id, version not `ff`;
/// version `00` has exactly this form, a later one may go on after another '-' (W3C Trace
/// Context, 3.2, 4).
bool is_valid_traceparent(std::string_view value);

/// Carries the client's trace on: same trace id, a new parent id (ours), the flags that version 00
/// knows (sampled, random). Without a valid one (none, broken, or sent twice: pass empty then)
/// starts a trace, not sampled. True: it is the client's.
/// **Cost**: no allocation.
bool continue_trace(std::string_view from_client, IdSource& source, Traceparent& out);

/// Parts of a valid one.
std::string_view trace_id_of(std::string_view traceparent);
std::string_view parent_id_of(std::string_view traceparent);
bool is_sampled(std::string_view traceparent);
void set_sampled(Traceparent& traceparent, bool is_sampled);

/// A number for a span, never 0.
std::uint64_t next_span_id(IdSource& source);

}  // namespace kwikgate::gateway::http
