#include "gateway/http/body_reader.hpp"

#include <algorithm>

namespace kwikgate::gateway::http {

void BodyReader::start(BodyFraming framing, std::uint64_t content_length) {
    framing_ = framing;
    left_ = content_length;
    body_bytes_ = 0;
    complete_ = framing == BodyFraming::none ||
                (framing == BodyFraming::content_length && content_length == 0);
    if (framing == BodyFraming::chunked) chunked_.reset();
}

ChunkStep BodyReader::step(std::string_view input) {
    if (complete_) return {ChunkStatus::complete, 0, {}};
    if (input.empty()) return {ChunkStatus::need_more, 0, {}};
    ChunkStep step;
    if (framing_ == BodyFraming::chunked) {
        step = chunked_.step(input);
        complete_ = step.status == ChunkStatus::complete;
    } else {
        const std::size_t take =
            framing_ == BodyFraming::until_close
                ? input.size()
                : static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
        step = {ChunkStatus::data, take, input.substr(0, take)};
        if (framing_ == BodyFraming::content_length) {
            left_ -= take;
            complete_ = left_ == 0;
        }
    }
    body_bytes_ += step.data.size();
    return step;
}

bool BodyReader::finish_at_close() {
    if (framing_ == BodyFraming::until_close) complete_ = true;
    return complete_;
}

}  // namespace kwikgate::gateway::http
