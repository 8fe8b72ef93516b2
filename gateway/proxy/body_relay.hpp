#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "gateway/http/body_reader.hpp"
#include "gateway/net/buffer_pool.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/proxy/gather_write.hpp"

namespace kwikgate::auth {
class ContentDigest;
}

namespace kwikgate::gateway::proxy {

/// Where a relay stands after `pump`.
enum class RelayStatus : std::uint8_t {
    need_input,       ///< Everything that was there is written; read more from the source.
    blocked,          ///< The sink takes no more now; wait until it is writable.
    complete,         ///< The whole message is written.
    malformed,        ///< The source broke its framing.
    too_large,        ///< More body bytes than the limit.
    digest_mismatch,  ///< The body is not what was signed; its last bytes were not written.
    sink_failed,      ///< The sink is gone.
};

/// Moves one message's body from a buffer to a stream, re-framing it on the way, in one direction.
/// The head (already serialised) leaves in the same write as the first body bytes. Pieces are
/// gathered from where they were received, small ones moved together there; at most one buffer is
/// held.
/// Back-pressure: it takes no new input before the old is written. **Threads**: the worker's.
class BodyRelay {
  public:
    /// `head` is borrowed until it is written. `digest`, when set, sees every body byte before the
    /// sink does, and the piece that completes the body leaves only if it matches.
    void start(std::string_view head, http::BodyFraming in, std::uint64_t content_length,
               http::BodyFraming out, std::uint64_t max_body_bytes,
               auth::ContentDigest* digest = nullptr);
    /// As `start`, for a body whose beginning was already read by `reader` and is held in memory:
    /// `held` is borrowed until it is written.
    void start_after(std::string_view head, const http::BodyReader& reader, std::string_view held,
                     http::BodyFraming out, std::uint64_t max_body_bytes,
                     auth::ContentDigest* digest);
    /// A body that lies whole in memory, already judged. Borrowed until written.
    void start_held(std::string_view head, std::string_view body);

    RelayStatus pump(net::Buffer& source, net::Stream& sink);
    /// The source closed: true when that ends the body properly; then pump again.
    bool source_closed() { return reader_.finish_at_close(); }

    std::uint64_t body_bytes() const { return reader_.body_bytes() + held_bytes_; }
    std::uint64_t wire_bytes() const { return wire_bytes_; }

  private:
    static constexpr std::size_t kMaxChunksPerWrite = 8;
    /// Chunks below this are joined to the one before them: else a body in crumbs would cost a
    /// write for every few bytes.
    static constexpr std::size_t kSmallPiece = 1024;

    RelayStatus fill(net::Buffer& source);
    void frame(std::string_view data, std::size_t index);
    static std::string_view join(std::string_view piece, std::string_view next);

    http::BodyReader reader_;
    http::BodyFraming out_ = http::BodyFraming::none;
    GatherWrite gather_;
    std::array<std::array<char, 20>, kMaxChunksPerWrite + 1> chunk_lines_;  ///< Last: held part.
    auth::ContentDigest* digest_ = nullptr;
    std::uint64_t max_body_bytes_ = 0;
    std::uint64_t wire_bytes_ = 0;
    std::uint64_t held_bytes_ = 0;
    std::size_t consume_when_written_ = 0;
    bool finished_ = false;  ///< The end of the message is written or in `gather_`.
};

}  // namespace kwikgate::gateway::proxy
