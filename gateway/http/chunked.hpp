#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kwikgate::gateway::http {

enum class ChunkStatus : std::uint8_t {
    need_more,  ///< Everything given was consumed.
    data,       ///< `data` holds body bytes; call again with the rest.
    complete,   ///< The last chunk and its trailer section ended.
    refused,    ///< Broken framing.
};

/// A step of decoding: how much of the input was consumed, and the body bytes found in it (a view
/// into the input).
struct ChunkStep {
    ChunkStatus status = ChunkStatus::need_more;
    std::size_t consumed = 0;
    std::string_view data;
};

/// Incremental, strict decoder of the chunked transfer coding (RFC 9112, 7.1). Extensions are
/// parsed by their grammar (7.1.1: names, tokens and quoted strings as values, white space around
/// `;` and `=`) and dropped; with the white space they have at most 256 bytes a chunk and 16 KiB a
/// message. White space may also stand before the CRLF of a size line: some servers pad their
/// sizes. Trailers are checked and dropped, at most 8 KiB; chunk sizes have at most 15 hex digits;
/// only CRLF ends a line. Once refused or complete it stays so, and consumes nothing more, until
/// `reset`. No allocation.
class ChunkedDecoder {
  public:
    void reset() { *this = ChunkedDecoder{}; }
    ChunkStep step(std::string_view input);

  private:
    enum class State : std::uint8_t {
        size_first,
        size,
        before_extension,  ///< White space, then `;` or the end of the line.
        before_name,       ///< Behind `;`.
        name,
        behind_name,   ///< White space, then `=`, `;` or the end of the line.
        before_value,  ///< Behind `=`.
        token_value,
        quoted_value,
        quoted_pair,  ///< Behind a backslash in quotes.
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer_line,
        trailer_lf,
        final_lf,
        done,
        broken,
    };
    bool accept(char c);
    bool accept_size(char c);
    bool accept_extension(char c);
    bool accept_extension_end(char c, State behind);
    bool accept_size_lf(char c);
    bool accept_trailer(char c);

    State state_ = State::size_first;
    std::uint8_t digits_ = 0;
    std::uint64_t left_ = 0;
    std::uint32_t extension_bytes_ = 0;
    std::uint32_t extension_total_ = 0;
    std::uint32_t trailer_bytes_ = 0;
    bool trailer_has_colon_ = false;
};

/// Writes a chunk's size line ("1a2b\r\n") into `out`; returns its length.
std::size_t write_chunk_size(std::uint64_t size, std::span<char, 20> out);

}  // namespace kwikgate::gateway::http
