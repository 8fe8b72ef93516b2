#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/request_view.hpp"

/// HTTP/1.1 messages as values. Nothing here knows a socket; parsers work on a caller's buffer and
/// their views borrow it. One strict grammar for both sides: what it does not accept is refused.
namespace kwikgate::gateway::http {

enum class Version : std::uint8_t { http_1_0, http_1_1 };

/// How the end of a body is found (RFC 9112, 6.3).
enum class BodyFraming : std::uint8_t { none, content_length, chunked, until_close };

/// What the message rules concluded about a request. Filled by `parse_request_head`.
struct RequestHead {
    std::string_view method;
    std::string_view target;  ///< As sent.
    std::string_view path;    ///< As sent, starts with '/'. For absolute-form its path part.
    std::string_view query;   ///< Without '?'.
    bool has_query = false;
    std::string_view authority;  ///< Host, as sent (equal to an absolute target's authority).
    Version version = Version::http_1_1;
    std::vector<auth::FieldLine> fields;  ///< Reserved once, reused for every request.
    BodyFraming framing = BodyFraming::none;
    std::uint64_t content_length = 0;
    bool keep_alive = true;  ///< What the client asked for, by version and Connection.
    bool expects_continue = false;
    std::int64_t max_forwards = -1;  ///< Of an OPTIONS request (RFC 9110, 7.6.2); -1: none.
    std::size_t head_bytes = 0;      ///< Request line, fields and the blank line.
    void clear();
};

struct ResponseHead {
    Version version = Version::http_1_1;
    unsigned status = 0;
    std::string_view reason_phrase;
    std::vector<auth::FieldLine> fields;
    BodyFraming framing = BodyFraming::none;
    bool has_content_length =
        false;  ///< The field was there (HEAD and 304 have it without a body).
    std::uint64_t content_length = 0;
    bool keep_alive = true;  ///< False as well when the body ends with the connection.
    /// The answer's end is beyond doubt, but its sender may believe in another one: it announced a
    /// body where there is none, or gave both framings, or sent an empty line first.
    bool has_odd_framing = false;
    std::size_t head_bytes = 0;
    void clear();
};

struct HeadLimits {
    std::size_t request_line_bytes = 8 * 1024;
    std::size_t head_bytes = 16 * 1024;
    std::size_t fields = 100;
};

enum class ParseStatus : std::uint8_t { need_more, complete, refused };

}  // namespace kwikgate::gateway::http
