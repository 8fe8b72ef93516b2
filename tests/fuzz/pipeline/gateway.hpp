#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/message.hpp"
#include "tests/fuzz/pipeline/upstream.hpp"

namespace kwikgate::fuzz {

inline constexpr std::string_view kApiKey = "fuzz-key";
inline constexpr std::string_view kApiSecret = "fuzz-secret";
inline constexpr std::string_view kAccount = "fuzz-account";

/// What came of one client connection.
struct Conversation {
    std::string received;              ///< By the client.
    bool is_ended = false;             ///< By the gateway, while the client would have gone on.
    std::uint64_t requests_ended = 0;  ///< As the gateway counts and logs them.
};

/// A whole worker with store, token and upstream, in this thread: its connections, pipeline and
/// pool are those of production. Its clock stands still, so no deadline comes.
class Gateway {
  public:
    Gateway();
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    const gateway::http::HeadLimits& limits() const;
    /// The id of the one token that there is.
    std::string_view token_id() const;
    Upstream& upstream() { return upstream_; }
    /// A client that sends these bytes, split at places that follow from `seed`, and takes every
    /// answer. Ends when nothing moves any more.
    Conversation talk(std::string_view bytes, unsigned seed);

  private:
    struct State;
    bool step(int client, Conversation& conversation);
    void settle(int client, Conversation& conversation);

    Upstream upstream_;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::fuzz
