#include "gateway/telemetry/span.hpp"

#include <array>

#include "gateway/config/route_pattern.hpp"
#include "gateway/http/request_id.hpp"
#include "gateway/http/trace_context.hpp"

namespace kwikgate::gateway {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

}  // namespace

SpanRecord make_span(const RequestContext& context, std::string_view listener,
                     std::chrono::system_clock::time_point now, SteadyTime ended_at) {
    SpanRecord span;
    span.trace_id.assign(http::trace_id_of(context.traceparent.view()));
    span.client_span_id.assign(http::parent_id_of(context.traceparent.view()));
    std::array<char, 16> id{};
    http::write_hex(context.span_id, id.data());
    span.span_id.assign({id.data(), id.size()});
    span.parent_id = context.parent_span_id;

    span.ended_at = duration_cast<nanoseconds>(now.time_since_epoch()).count();
    const auto wall = [&](SteadyTime time) {
        return span.ended_at - duration_cast<nanoseconds>(ended_at - time).count();
    };
    span.started_at = wall(context.started_at);
    if (context.upstream_begun_at != SteadyTime{}) {
        const bool has_answer = context.upstream_head_at != SteadyTime{};
        span.upstream_begun_at = wall(context.upstream_begun_at);
        span.upstream_ended_at = has_answer ? wall(context.upstream_head_at) : span.ended_at;
        if (has_answer) span.upstream_status = context.status;
    }

    span.method.assign(known_method(context.head.method));
    if (context.route != nullptr) {
        span.route.assign(context.route->pattern);
        // One that a route has is no secret.
        if (context.route->method == context.head.method) span.method.assign(context.head.method);
    }
    span.listener.assign(listener);
    span.upstream.assign(context.upstream_name);
    span.server.assign(context.server_name);
    span.request_id.assign(context.request_id.view());
    if (context.is_authenticated) {
        span.token.assign(context.principal.id.view());
        span.scheme = auth::to_token(context.principal.scheme);
        span.environment = auth::to_token(context.principal.environment);
    }
    span.reason = context.decision.reason;
    span.phase = context.decision.phase;
    span.termination = context.termination;
    span.attempts = context.attempts;
    span.status = context.status;
    return span;
}

}  // namespace kwikgate::gateway
