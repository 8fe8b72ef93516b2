#include "bench/load/answer_reader.hpp"

#include "gateway/http/response_parser.hpp"

namespace kwikgate::bench {

namespace http = gateway::http;

namespace {

constexpr std::size_t kMaxText = 4096;
constexpr http::HeadLimits kLimits{32 * 1024, 32 * 1024, 200};

}  // namespace

AnswerReader::AnswerReader() {
    head_.fields.reserve(32);
}

void AnswerReader::reset() {
    partial_.clear();
    text_.clear();
    resume_at_ = 0;
    has_head_ = false;
}

AnswerReader::Status AnswerReader::feed_head(std::string_view& input) {
    for (;;) {
        std::string_view bytes = input;
        const std::size_t before = partial_.size();
        if (before != 0) {
            partial_.append(input);
            bytes = partial_;
        }
        switch (http::parse_response_head(bytes, kLimits, false, resume_at_, head_)) {
            case http::ParseStatus::need_more:
                if (before == 0) partial_.assign(input);
                input = {};
                return Status::need_more;
            case http::ParseStatus::refused:
                return Status::broken;
            case http::ParseStatus::complete:
                break;
        }
        input.remove_prefix(head_.head_bytes - before);
        resume_at_ = 0;
        if (head_.status >= 200) break;
        partial_.clear();  // An interim answer: the real one follows.
    }
    has_head_ = true;
    body_.start(head_.framing, head_.content_length);
    return Status::complete;
}

AnswerReader::Status AnswerReader::feed(std::string_view& input) {
    if (!has_head_) {
        const Status status = feed_head(input);
        if (status != Status::complete) return status;
    }
    while (!body_.is_complete()) {
        if (input.empty()) return Status::need_more;
        const http::ChunkStep step = body_.step(input);
        if (step.status == http::ChunkStatus::refused) return Status::broken;
        if (head_.status >= 400 && text_.size() < kMaxText) text_.append(step.data);
        input.remove_prefix(step.consumed);
    }
    return Status::complete;
}

std::string_view AnswerReader::reason() const {
    constexpr std::string_view kKey = "\"reason\":\"";
    const std::string_view text = text_;
    const std::size_t at = text.find(kKey);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = text.substr(at + kKey.size());
    return rest.substr(0, rest.find('"'));
}

}  // namespace kwikgate::bench
