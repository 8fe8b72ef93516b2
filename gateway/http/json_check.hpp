#pragma once

#include <memory>
#include <string_view>

namespace kwikgate::gateway::http {

/// Tells whether a body is one JSON value (RFC 8259), nothing more. **Threads**: one; keeps its
/// memory from body to body.
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
