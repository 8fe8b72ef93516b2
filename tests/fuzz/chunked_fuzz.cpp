/// Claims: a chunked body decodes to the same bytes and ends at the same place whole and in pieces;
/// a decoded body, encoded again by us, decodes to itself.

#include <array>
#include <string>

#include "gateway/http/chunked.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace kwikgate;
using namespace kwikgate::gateway::http;
using fuzz::require;

struct Decoded {
    ChunkStatus status = ChunkStatus::need_more;
    std::string body;
    std::size_t consumed = 0;
};

Decoded decode(std::string_view text, std::size_t step) {
    ChunkedDecoder decoder;
    Decoded result;
    while (result.consumed < text.size()) {
        const std::string_view piece = text.substr(result.consumed, step);
        const ChunkStep part = decoder.step(piece);
        require(part.consumed <= piece.size() && fuzz::is_within(part.data, piece), "views");
        require(part.data.empty() == (part.status != ChunkStatus::data), "data where it says so");
        result.body.append(part.data);
        result.consumed += part.consumed;
        result.status = part.status;
        if (part.status == ChunkStatus::complete || part.status == ChunkStatus::refused) break;
        require(part.consumed > 0, "makes progress");
    }
    if (result.status == ChunkStatus::data) result.status = ChunkStatus::need_more;
    return result;
}

std::string encode(std::string_view body) {
    std::string text;
    std::array<char, 20> line{};
    while (!body.empty()) {
        const std::string_view chunk = body.substr(0, 7);
        text.append(line.data(), write_chunk_size(chunk.size(), line));
        text.append(chunk).append("\r\n");
        body.remove_prefix(chunk.size());
    }
    return text.append("0\r\n\r\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::as_text(data, size);
    const std::size_t step = 1 + fuzz::take_byte(text) % 32;
    const Decoded whole = decode(text, text.size() + 1);
    const Decoded pieces = decode(text, step);
    require(whole.status == pieces.status, "same verdict whole and in pieces");
    require(whole.body == pieces.body, "same body whole and in pieces");
    require(whole.consumed == pieces.consumed, "same end whole and in pieces");
    if (whole.status != ChunkStatus::complete) return 0;
    const std::string again = encode(whole.body);
    const Decoded decoded = decode(again, step);
    require(decoded.status == ChunkStatus::complete && decoded.body == whole.body, "round trip");
    require(decoded.consumed == again.size(), "round trip ends at the end");
    return 0;
}
