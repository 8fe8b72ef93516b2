#include "gateway/proxy/connection_reuse.hpp"

namespace kwikgate::gateway::proxy {

Reuse judge_reuse(const FinishedExchange& exchange, bool trusts_bodyless) {
    if (!exchange.keeps_alive || exchange.framing == http::BodyFraming::until_close)
        return Reuse::asked_to_close;
    if (exchange.was_early || !exchange.is_request_sent) return Reuse::early_answer;
    if (exchange.has_odd_framing) return Reuse::odd_framing;
    const bool has_no_body =
        exchange.is_head_request || exchange.status == 204 || exchange.status == 304;
    if (has_no_body && !trusts_bodyless) return Reuse::no_body;
    return Reuse::allowed;
}

}  // namespace kwikgate::gateway::proxy
