#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/message.hpp"
#include "store/file_descriptor.hpp"

namespace kwikgate::fuzz {

/// A request that reached the upstream as a complete message.
struct Seen {
    std::string method;
    std::string target;  ///< Path and query.
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
};

/// How the upstream answers. All but `raw` and those after it do what HTTP asks for.
enum class Way : std::uint8_t {
    with_length,
    chunked,
    no_content,
    after_interim,
    then_close,
    until_close,
    in_two_pieces,
    raw,        ///< The bytes that were given, then silence.
    raw_close,  ///< The bytes that were given, then the end.
    gone,
    refusing,  ///< No connection is made.
    early,     ///< Before the body.
    silent,
};
inline constexpr unsigned kWays = static_cast<unsigned>(Way::silent) + 1;

/// A server in this process and thread; there is one. What it gets is read by the gateway's own
/// parser with wide limits: anything that is refused breaks a claim.
class Upstream {
  public:
    Upstream();
    ~Upstream();
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;

    /// The gateway's end of a new connection; -1 when there is none to be had.
    static int connect();
    /// Forgets the connections and what they brought.
    void restart(Way way, std::string_view raw);
    /// Ends every connection and makes no other.
    void stop();
    /// Does what can be done without a wait. False when that was nothing.
    bool poll();
    const std::vector<Seen>& seen() const { return seen_; }

    /// What an answer to this request holds, so that answers cannot be mixed up.
    static std::string body_for(std::string_view method, std::string_view target);

  private:
    struct Connection {
        explicit Connection(int descriptor) : socket(descriptor) {}
        store::FileDescriptor socket;
        std::string input;
        std::string output;
        bool is_ended = false;  ///< By the gateway.
        bool takes_more = true;
    };
    bool work(Connection& connection);
    bool take_message(Connection& connection);
    void answer(Connection& connection, const gateway::http::RequestHead& head);

    static Upstream* self_;
    Way way_ = Way::with_length;
    std::string raw_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Seen> seen_;
};

}  // namespace kwikgate::fuzz
