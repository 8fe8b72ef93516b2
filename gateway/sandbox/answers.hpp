#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwikgate::gateway::sandbox {

/// What reached the sandbox.
struct Received {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;  ///< As they came, repeated ones too.
    std::uint64_t body_bytes = 0;
    std::string body_sha256;  ///< Hexadecimal.
};

struct Answer {
    unsigned status = 200;
    std::string body;  ///< JSON.
};

/// The sandbox without its sockets: routes, counts and answers. **Threads**: one.
class Answers {
  public:
    /// Empty when `routes` (the text of a routes file) cannot be read.
    static std::optional<Answers> from_routes(std::string_view routes);

    /// Counts the request and answers it. HEAD is answered as GET; the caller leaves the body out.
    Answer answer(const Received& received);

  private:
    struct Route {
        std::string method, pattern;
    };
    bool knows(std::string_view method, std::string_view path) const;
    std::string counts() const;
    std::string next_id(std::string_view prefix);

    std::vector<Route> routes_;
    std::map<std::string, std::uint64_t> counts_;  ///< "POST /2.0/cdv" to how often.
    std::uint64_t total_ = 0;
    std::uint64_t made_ = 0;
};

/// True when `path` has the shape of `pattern`: literals, `{param}`, a trailing `*`.
bool matches(std::string_view pattern, std::string_view path);

}  // namespace kwikgate::gateway::sandbox
