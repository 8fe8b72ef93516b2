#include "gateway/pipeline/request_context.hpp"

namespace kwikgate::gateway {

std::string_view to_token(Termination termination) {
    switch (termination) {
        case Termination::completed:
            return "completed";
        case Termination::downstream_closed:
            return "downstream_closed";
        case Termination::downstream_timeout:
            return "downstream_timeout";
        case Termination::upstream_aborted:
            return "upstream_aborted";
    }
    return "completed";
}

void RequestContext::clear() {
    head.clear();
    view = {};
    is_proxied = keeps_chain = false;
    forwarded_host = {};
    request_id.clear();
    traceparent.clear();
    match = {};
    route = nullptr;
    cors_origin = {};
    is_preflight = false;
    is_authenticated = false;
    signature.may_explain = false;
    signature.covers_digest = false;
    form = {};
    has_rate = false;
    decision = {};
    upstream_name = server_name = {};
    upstream_reused = false;
    attempts = 0;
    status = 0;
    termination = Termination::completed;
    request_body_bytes = response_bytes = 0;
    upstream_begun_at = upstream_head_at = {};
}

}  // namespace kwikgate::gateway
