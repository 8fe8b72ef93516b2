#include "gateway/http/message.hpp"

namespace kwikgate::gateway::http {

void RequestHead::clear() {
    method = target = path = query = authority = {};
    has_query = false;
    version = Version::http_1_1;
    fields.clear();
    framing = BodyFraming::none;
    content_length = 0;
    keep_alive = true;
    expects_continue = false;
    max_forwards = -1;
    head_bytes = 0;
}

void ResponseHead::clear() {
    version = Version::http_1_1;
    status = 0;
    reason_phrase = {};
    fields.clear();
    framing = BodyFraming::none;
    has_content_length = false;
    content_length = 0;
    keep_alive = true;
    has_odd_framing = false;
    head_bytes = 0;
}

}  // namespace kwikgate::gateway::http
