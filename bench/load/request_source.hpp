#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/vocabulary.hpp"
#include "bench/load/credentials.hpp"
#include "bench/load/mix.hpp"

namespace kwikgate::bench {

/// What the requests look like. Shared by all threads, read only.
struct RequestPlan {
    Mix mix;
    std::string authority;  ///< Host field and part of what is signed.
    std::string scheme = "http";
    std::string read_target;
    std::string write_target;
    std::string body;
    std::string content_digest;  ///< Of `body`, as a field value.
    std::vector<std::string> extra_fields;
    std::vector<Credentials> credentials;
    std::vector<Credentials> revoked;
    std::size_t precomputed = 1024;  ///< Requests of a kind made ahead; 0: every one is made live.
};

/// Bytes on their way out. The body is the plan's, or empty.
struct Request {
    Kind kind = Kind::read;
    std::string head;
    std::string_view body;
};

/// Makes requests by the plan's shares, signed by its tokens in turn. Those that may be sent more
/// than once are made ahead and made anew once they are a minute old; so are as many writes as the
/// plan says, each sent once; when they are used up, writes are signed as they go.
/// **Threads**: one a source; `index` of `count` tells which tokens it starts with.
class RequestSource {
  public:
    RequestSource(const RequestPlan& plan, std::size_t index, std::size_t count);

    /// Fills `out`, whose capacity is used again.
    void next(auth::Timestamp now, Request& out);
    /// A write that was answered well: what `replayed` sends again.
    void accepted(const Request& request);

  private:
    struct Prepared {
        std::string head;
        auth::Timestamp made_at{};
    };
    const Credentials& signer_of(Kind kind);
    void make(Kind kind, auth::Timestamp now, std::string& head);
    void add_signature(Kind kind, const Credentials& who, std::string_view method,
                       std::string_view target, auth::Timestamp now, std::string& head);

    const RequestPlan& plan_;
    Mix mix_;
    std::size_t turn_;
    std::size_t step_;
    std::array<std::vector<Prepared>, kKindCount> rings_;
    std::array<std::size_t, kKindCount> at_{};
    std::string accepted_write_;
};

}  // namespace kwikgate::bench
