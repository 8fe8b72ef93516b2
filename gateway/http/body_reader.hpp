#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/http/chunked.hpp"
#include "gateway/http/message.hpp"

namespace kwikgate::gateway::http {

/// Finds the body in a message's bytes, whatever its framing (RFC 9112, 6.3). Incremental, no copy.
class BodyReader {
  public:
    void start(BodyFraming framing, std::uint64_t content_length);
    /// Same convention as `ChunkedDecoder::step`; a step with status `data` may be the last one:
    /// see `is_complete`.
    ChunkStep step(std::string_view input);
    /// The peer closed. True when that is a proper end (until_close, or already complete).
    bool finish_at_close();
    bool is_complete() const { return complete_; }
    std::uint64_t body_bytes() const { return body_bytes_; }

  private:
    BodyFraming framing_ = BodyFraming::none;
    bool complete_ = true;
    std::uint64_t left_ = 0;
    std::uint64_t body_bytes_ = 0;
    ChunkedDecoder chunked_;
};

}  // namespace kwikgate::gateway::http
