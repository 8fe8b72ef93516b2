#pragma once

#include <string>
#include <string_view>

#include "gateway/http/body_reader.hpp"
#include "gateway/http/message.hpp"

namespace kwikgate::bench {

/// Finds the end of one answer after another in what a connection delivers. Keeps the text of a
/// refusal, for its reason, and nothing of other bodies. **Threads**: one.
class AnswerReader {
  public:
    enum class Status : std::uint8_t { need_more, complete, broken };

    AnswerReader();
    /// Takes bytes from the front of `input` until an answer is complete or there are no more.
    Status feed(std::string_view& input);
    unsigned status() const { return head_.status; }
    bool keeps_alive() const { return head_.keep_alive; }
    /// The word of `"reason":"…"` in a refusal; empty when there is none.
    std::string_view reason() const;
    /// Ready for the next answer.
    void reset();

  private:
    Status feed_head(std::string_view& input);

    gateway::http::ResponseHead head_;
    gateway::http::BodyReader body_;
    std::string partial_;  ///< A head that came in pieces.
    std::string text_;     ///< Of a refusal.
    std::size_t resume_at_ = 0;
    bool has_head_ = false;
};

}  // namespace kwikgate::bench
