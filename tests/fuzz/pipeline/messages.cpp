#include "tests/fuzz/pipeline/messages.hpp"

#include "gateway/http/body_reader.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/http/response_parser.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace kwikgate::fuzz {
namespace {

namespace http = gateway::http;

constexpr http::HeadLimits kWide{8'000, 16'000, 200};

/// Takes a body off the bytes. False when it breaks the rules.
bool take_body(http::BodyReader& reader, std::string_view& bytes, std::string& body) {
    while (!reader.is_complete() && !bytes.empty()) {
        const http::ChunkStep step = reader.step(bytes);
        if (step.status == http::ChunkStatus::refused) return false;
        body.append(step.data);
        bytes.remove_prefix(step.consumed);
    }
    return true;
}

}  // namespace

SentStream read_sent(std::string_view bytes, const http::HeadLimits& limits) {
    SentStream sent;
    while (!bytes.empty()) {
        http::RequestHead head;
        std::size_t resume_at = 0;
        const auto parsed = http::parse_request_head(bytes, limits, resume_at, head);
        if (parsed.status == http::ParseStatus::refused) {
            sent.is_refused = true;
            sent.refused_method = head.method;
            sent.has_whole_head = bytes.find("\r\n\r\n", 2) != std::string_view::npos;
        }
        if (parsed.status != http::ParseStatus::complete) break;
        Sent request;
        request.method = head.method;
        request.target = head.path;
        if (head.has_query) request.target.append("?").append(head.query);
        for (const auth::FieldLine& line : head.fields)
            if (line.known == auth::FieldName::authorization) request.authorization = line.value;
        request.is_last = !head.keep_alive;
        http::BodyReader reader;
        reader.start(head.framing, head.content_length);
        bytes.remove_prefix(head.head_bytes);
        request.is_broken = !take_body(reader, bytes, request.body);
        request.is_complete = reader.is_complete() && !request.is_broken;
        sent.requests.push_back(std::move(request));
        if (!sent.requests.back().is_complete || sent.requests.back().is_last) break;
    }
    return sent;
}

std::vector<Answer> read_answers(std::string_view bytes, const SentStream& sent, bool is_ended) {
    std::vector<Answer> answers;
    while (!bytes.empty()) {
        const std::size_t index = answers.size();
        const std::string& method =
            index < sent.requests.size() ? sent.requests[index].method : sent.refused_method;
        http::ResponseHead head;
        std::size_t resume_at = 0;
        const auto status =
            http::parse_response_head(bytes, kWide, method == "HEAD", resume_at, head);
        require(status != http::ParseStatus::refused, "an answer is HTTP");
        if (status != http::ParseStatus::complete) {
            answers.emplace_back();
            break;
        }
        bytes.remove_prefix(head.head_bytes);
        if (head.status == 100) continue;
        require(head.status >= 200, "no other interim answer");
        Answer answer;
        answer.status = head.status;
        answer.is_last = !head.keep_alive;
        for (const auth::FieldLine& line : head.fields)
            if (line.name == "x-upstream" || line.name == "X-Upstream")
                answer.is_of_upstream = true;
        http::BodyReader reader;
        reader.start(head.framing, head.content_length);
        require(take_body(reader, bytes, answer.body), "an answer's body is well framed");
        answer.is_complete = reader.is_complete() || (is_ended && reader.finish_at_close());
        answers.push_back(std::move(answer));
        if (!answers.back().is_complete) break;
    }
    require(bytes.empty() || !answers.back().is_complete, "nothing comes behind an answer");
    return answers;
}

}  // namespace kwikgate::fuzz
