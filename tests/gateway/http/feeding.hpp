#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/response_parser.hpp"

/// Feeds a parser the way a socket would: in pieces, every call with a buffer at another address,
/// so that a view kept from an earlier call is seen by the address sanitizer.
namespace kwikgate::gateway::http::testing {

/// Exactly `text`, without a byte behind it, for as long as the object lives.
class Piece {
  public:
    explicit Piece(std::string_view text)
        : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
        text.copy(bytes_.get(), size_);
    }
    std::string_view view() const { return {bytes_.get(), size_}; }

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

/// What a request parse came to, as owned text, so that runs can be compared.
struct RequestVerdict {
    ParseStatus status = ParseStatus::need_more;
    auth::Reason reason = auth::Reason::none;
    std::string summary;
    friend bool operator==(const RequestVerdict&, const RequestVerdict&) = default;
};

inline std::string summarize(const RequestHead& head) {
    std::string text{head.method};
    text.append("|").append(head.target).append("|").append(head.path).append("|");
    text.append(head.has_query ? "?" : "").append(head.query).append("|").append(head.authority);
    text.append("|").append(std::to_string(static_cast<int>(head.version)));
    text.append(std::to_string(static_cast<int>(head.framing)));
    text.append(head.keep_alive ? "k" : "c").append(head.expects_continue ? "e" : "-");
    text.append(std::to_string(head.content_length)).append("|");
    text.append(std::to_string(head.head_bytes));
    for (const auth::FieldLine& line : head.fields)
        text.append("\n").append(line.name).append("=").append(line.value);
    return text;
}

/// Calls the parser with prefixes of the given lengths, then with everything.
inline RequestVerdict feed_request(std::string_view text, const std::vector<std::size_t>& cuts,
                                   const HeadLimits& limits = {}) {
    RequestHead head;
    std::size_t resume_at = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const Piece piece{i < cuts.size() ? text.substr(0, cuts[i]) : text};
        const RequestParseResult result = parse_request_head(piece.view(), limits, resume_at, head);
        if (result.status == ParseStatus::refused) return {result.status, result.reason, {}};
        if (result.status == ParseStatus::complete)
            return {result.status, result.reason, summarize(head)};
    }
    return {};
}

struct ResponseVerdict {
    ParseStatus status = ParseStatus::need_more;
    std::string summary;
    friend bool operator==(const ResponseVerdict&, const ResponseVerdict&) = default;
};

inline ResponseVerdict feed_response(std::string_view text, const std::vector<std::size_t>& cuts,
                                     bool to_head_request, const HeadLimits& limits = {}) {
    ResponseHead head;
    std::size_t resume_at = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const Piece piece{i < cuts.size() ? text.substr(0, cuts[i]) : text};
        const ParseStatus status =
            parse_response_head(piece.view(), limits, to_head_request, resume_at, head);
        if (status == ParseStatus::need_more) continue;
        std::string summary = std::to_string(head.status);
        summary.append("|").append(head.reason_phrase).append("|");
        summary.append(std::to_string(static_cast<int>(head.framing)));
        summary.append("|").append(std::to_string(head.content_length));
        summary.append(head.has_content_length ? "l" : "-").append(head.keep_alive ? "k" : "c");
        summary.append(std::to_string(head.head_bytes));
        for (const auth::FieldLine& line : head.fields)
            summary.append("\n").append(line.name).append("=").append(line.value);
        return {status, status == ParseStatus::complete ? summary : std::string{}};
    }
    return {};
}

/// 1, 2, … up to one byte before the end.
inline std::vector<std::size_t> every_byte(std::string_view text) {
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < text.size(); ++i) cuts.push_back(i);
    return cuts;
}

}  // namespace kwikgate::gateway::http::testing
