#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace kwikgate::gateway::http {

/// How many arrays and objects may be open at once; one more is refused. RFC 8259, 9, leaves the
/// number to the reader.
inline constexpr std::size_t kMaxJsonNesting = 1024;

/// True when `text` is one JSON text by the grammar of RFC 8259: the question is whether it is
/// JSON, not whether this machine can hold its values. So a number may have any size, `\ud800` may
/// stand alone (8.2), a name may stand twice in an object (4) and a text may be a bare value (2).
/// Refused beside what the grammar does not have: bytes that are not UTF-8 (8.1), a byte order mark
/// (8.1 lets a reader choose), more nesting than `kMaxJsonNesting`. An empty text is no JSON.
/// **Cost**: one pass, some two nanoseconds a byte; no allocation, no recursion. Never reads beyond
/// `text`.
bool is_json(std::string_view text);

/// The same, for bodies: faster where the values fit a machine, as nearly all do.
/// **Threads**: one; keeps its memory from body to body.
class JsonCheck {
  public:
    JsonCheck();
    ~JsonCheck();
    bool is_valid(std::string_view body);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::gateway::http
