#include "gateway/proxy/body_relay.hpp"

#include <cstring>

#include "auth/signature/content_digest.hpp"

namespace kwikgate::gateway::proxy {

void BodyRelay::start(std::string_view head, http::BodyFraming in, std::uint64_t content_length,
                      http::BodyFraming out, std::uint64_t max_body_bytes,
                      auth::ContentDigest* digest) {
    reader_.start(in, content_length);
    out_ = out;
    gather_.clear();
    gather_.add(head);
    digest_ = digest;
    max_body_bytes_ = max_body_bytes;
    wire_bytes_ = 0;
    held_bytes_ = 0;
    consume_when_written_ = 0;
    finished_ = reader_.is_complete();
}

void BodyRelay::start_after(std::string_view head, const http::BodyReader& reader,
                            std::string_view held, http::BodyFraming out,
                            std::uint64_t max_body_bytes, auth::ContentDigest* digest) {
    start(head, http::BodyFraming::none, 0, out, max_body_bytes, digest);
    reader_ = reader;
    finished_ = false;
    if (!held.empty()) frame(held, kMaxChunksPerWrite);
}

void BodyRelay::start_held(std::string_view head, std::string_view body) {
    start(head, http::BodyFraming::none, 0, http::BodyFraming::none, body.size());
    gather_.add(body);
    held_bytes_ = body.size();
}

RelayStatus BodyRelay::pump(net::Buffer& source, net::Stream& sink) {
    for (;;) {
        if (!finished_ && consume_when_written_ == 0) {
            const RelayStatus status = fill(source);
            if (status != RelayStatus::need_input) return status;
        }
        switch (gather_.flush(sink, wire_bytes_)) {
            case net::IoStatus::done:
                break;
            case net::IoStatus::would_block:
                return RelayStatus::blocked;
            case net::IoStatus::closed:
            case net::IoStatus::failed:
                return RelayStatus::sink_failed;
        }
        const bool took_input = consume_when_written_ != 0;
        source.consume(consume_when_written_);
        consume_when_written_ = 0;
        if (finished_) return RelayStatus::complete;
        if (!took_input) return RelayStatus::need_input;
    }
}

RelayStatus BodyRelay::fill(net::Buffer& source) {
    std::array<std::string_view, kMaxChunksPerWrite> pieces;
    std::size_t count = 0;
    const std::string_view input = source.readable();
    while (!reader_.is_complete()) {
        const http::ChunkStep step = reader_.step(input.substr(consume_when_written_));
        consume_when_written_ += step.consumed;
        if (step.status == http::ChunkStatus::refused) return RelayStatus::malformed;
        if (reader_.body_bytes() > max_body_bytes_) return RelayStatus::too_large;
        if (step.status != http::ChunkStatus::data) break;
        if (count != 0 && step.data.size() < kSmallPiece) {
            pieces[count - 1] = join(pieces[count - 1], step.data);
            continue;
        }
        pieces[count++] = step.data;
        if (count == kMaxChunksPerWrite) break;
    }
    if (digest_ != nullptr)
        for (std::size_t i = 0; i < count; ++i) digest_->update(pieces[i]);
    // The last bytes of a signed body are held back to here: a message whose digest is wrong never
    // becomes complete upstream.
    if (reader_.is_complete() && digest_ != nullptr && !digest_->finish())
        return RelayStatus::digest_mismatch;
    for (std::size_t i = 0; i < count; ++i) frame(pieces[i], i);
    if (reader_.is_complete()) {
        if (out_ == http::BodyFraming::chunked) gather_.add("0\r\n\r\n");
        finished_ = true;
    }
    return RelayStatus::need_input;
}

void BodyRelay::frame(std::string_view data, std::size_t index) {
    if (out_ != http::BodyFraming::chunked) {
        gather_.add(data);
        return;
    }
    auto& line = chunk_lines_[index];
    const std::size_t length = http::write_chunk_size(data.size(), line);
    gather_.add({line.data(), length});
    gather_.add(data);
    gather_.add("\r\n");
}

/// Both lie in the source's block, in this order, with framing between them that was read already.
std::string_view BodyRelay::join(std::string_view piece, std::string_view next) {
    char* const end = const_cast<char*>(piece.data() + piece.size());
    std::memmove(end, next.data(), next.size());
    return {piece.data(), piece.size() + next.size()};
}

}  // namespace kwikgate::gateway::proxy
