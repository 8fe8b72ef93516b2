#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/message.hpp"

namespace kwikgate::fuzz {

/// A request as the message rules read it off the whole stream, before it is split or judged.
struct Sent {
    std::string method;
    std::string target;  ///< Path and query.
    std::string body;
    std::string authorization;  ///< Empty unless there is exactly one.
    bool is_complete = false;
    bool is_broken = false;  ///< Its body breaks the rules.
    bool is_last = false;    ///< It asks for the connection to be closed.
};

struct SentStream {
    std::vector<Sent> requests;
    bool is_refused = false;      ///< Behind them comes what is no request.
    bool has_whole_head = false;  ///< And that is as long as a head.
    std::string refused_method;   ///< As far as it could be read.
};

SentStream read_sent(std::string_view bytes, const gateway::http::HeadLimits& limits);

/// An answer as a client reads it.
struct Answer {
    unsigned status = 0;
    std::string body;
    bool is_complete = false;
    bool is_of_upstream = false;
    bool is_last = false;
};

/// Fails where the bytes are anything but final answers, each to its request, and 100 between.
std::vector<Answer> read_answers(std::string_view bytes, const SentStream& sent, bool is_ended);

}  // namespace kwikgate::fuzz
