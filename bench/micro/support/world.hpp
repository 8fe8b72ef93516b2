#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auth/master_key.hpp"
#include "auth/vocabulary.hpp"
#include "bench/support/token_population.hpp"
#include "gateway/http/message.hpp"
#include "gateway/pipeline/request_context.hpp"
#include "gateway/pipeline/runtime.hpp"
#include "store/store.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::bench {

/// A store with tokens and the Kwik routes over it. Made once for each number of tokens.
class World {
  public:
    static World& with_tokens(std::uint64_t count);

    store::Store& store() { return store_; }
    auth::Sealer& sealer() { return sealer_; }
    const gateway::Runtime& runtime() const { return *runtime_; }
    std::uint64_t tokens() const { return tokens_; }
    store::Reader reader() { return store_.reader().value(); }

  private:
    explicit World(std::uint64_t count);
    std::uint64_t tokens_;
    tests::TemporaryDirectory directory_;
    auth::MasterKey key_;
    store::Store store_;
    auth::Sealer sealer_;
    std::shared_ptr<const gateway::Runtime> runtime_;
};

std::uint64_t steady_nanoseconds();

/// A whole request as text, signed or with Basic, of the token with that number.
std::string signed_get(std::uint64_t token);
std::string basic_get(std::uint64_t token);
/// POST /2.0/customers/create with a digest and a fresh nonce.
std::string signed_post(std::uint64_t token, std::string_view body);

/// What an upstream answers before its body.
inline constexpr std::string_view kAnswerHead =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n"
    "Date: Tue, 01 Jan 2030 00:00:00 GMT\r\nServer: api\r\nX-Trace: 1\r\n\r\n";

/// Parses `text`, which must stay, into `context` and fills its view, as an exchange does.
void parse_into(std::string_view text, gateway::RequestContext& context);

}  // namespace kwikgate::bench
