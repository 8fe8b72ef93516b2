#pragma once

#include <cstdint>

#include "gateway/http/message.hpp"

namespace kwikgate::gateway::proxy {

/// What is known of an exchange with an upstream once its answer is whole.
struct FinishedExchange {
    bool is_head_request = false;
    unsigned status = 200;
    http::BodyFraming framing = http::BodyFraming::content_length;
    bool keeps_alive = true;       ///< The upstream's own wish, by version and Connection.
    bool has_odd_framing = false;  ///< Of its final or of an interim answer.
    bool was_early = false;        ///< Its head came before the whole request had left.
    bool is_request_sent = true;
};

/// Whether the upstream connection may carry another request, and if not, why.
enum class Reuse : std::uint8_t {
    allowed,
    asked_to_close,  ///< The upstream said so, or the answer ends with the connection.
    early_answer,    ///< What of the request the upstream still reads is not known.
    odd_framing,     ///< The upstream may believe in another end of its answer.
    no_body,         ///< HEAD, 204, 304: a body may follow that nobody announced.
};

/// When an upstream connection may be used again. This is the one rule; whatever it lets pass is
/// still closed by the pool when bytes are there before the next request is written.
///
/// A connection carries one answer after the other, and only their order says whose they are. So a
/// connection is used again only where the bytes of this answer cannot be followed by bytes of the
/// same answer:
/// - An answer with a length or in chunks says where it ends. Bytes behind it are out of turn.
/// - An answer to HEAD, a 204 and a 304 end at their empty line, but many servers and frameworks
///   write a body there by mistake, and often in a second write: it arrives after the head, when
///   the connection may carry somebody else's request already, and is read as the answer to that.
///   `trusts_bodyless` is the operator's word that the servers of this upstream do not.
/// - An answer that came before the whole request had left belongs to a server that may still read
///   the request, answer it once more, or take its rest for the next one.
/// - An answer with odd framing has one end for us and maybe another one for its sender.
/// **Threads**: any. Pure. **Spec**: RFC 9112 6.3, 9.3.
Reuse judge_reuse(const FinishedExchange& exchange, bool trusts_bodyless);

}  // namespace kwikgate::gateway::proxy
