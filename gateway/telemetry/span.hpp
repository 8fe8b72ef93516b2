#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/pipeline/request_context.hpp"

namespace kwikgate::gateway {

/// A request that is traced, once it ended: what its spans are made of. **Owns** its text, so that
/// it outlives the request and its configuration. What the client chose is not in it, but for its
/// trace and request ids.
struct SpanRecord {
    auth::InlineString<32> trace_id;
    auth::InlineString<16> span_id;         ///< Of the request (SERVER).
    auth::InlineString<16> parent_id;       ///< Whose work it is part of; empty: the trace begins.
    auth::InlineString<16> client_span_id;  ///< Of the exchange with the upstream (CLIENT).
    // Nanoseconds since 1970.
    std::int64_t started_at = 0;
    std::int64_t ended_at = 0;
    std::int64_t upstream_begun_at = 0;  ///< 0: nothing was sent upstream.
    std::int64_t upstream_ended_at = 0;  ///< The head of its answer, or the end without one.

    auth::InlineString<32> method;    ///< One that routes know, or empty.
    auth::InlineString<256> route;    ///< Its pattern; empty: none matched.
    auth::InlineString<64> listener;  ///< Its name.
    auth::InlineString<64> upstream;  ///< Its name.
    auth::InlineString<264> server;   ///< "host:port".
    auth::InlineString<64> request_id;
    auth::InlineString<store::kTokenIdBytes> token;  ///< Empty: nobody proved who they are.
    std::string_view scheme;
    std::string_view environment;
    auth::Reason reason = auth::Reason::none;
    auth::Phase phase{};
    Termination termination = Termination::completed;
    unsigned attempts = 0;
    unsigned status = 0;           ///< What the client was answered; 0: nothing.
    unsigned upstream_status = 0;  ///< What the upstream answered; 0: nothing.

    /// What it becomes: one span, or two where something was sent upstream.
    std::size_t spans() const { return upstream_begun_at == 0 ? 1 : 2; }
};

/// **Cost**: a kilobyte of copying; no allocation.
SpanRecord make_span(const RequestContext& context, std::string_view listener,
                     std::chrono::system_clock::time_point now, SteadyTime ended_at);

}  // namespace kwikgate::gateway
