#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "auth/secret.hpp"
#include "store/types.hpp"

namespace kwikgate::gateway::admin {

/// The console's sessions, in memory only: a restart ends them. A session is named by 43 random
/// base62 characters, of which only the SHA-256 is kept. **Threads**: the admin listener's.
class Sessions {
  public:
    static constexpr std::size_t kMost = 1000;

    struct Session {
        std::string key_id;  ///< The admin key that opened it.
        store::Timestamp expires_at{};
        store::Timestamp used_at{};
    };

    Sessions(std::chrono::milliseconds idle, std::chrono::milliseconds lifetime)
        : idle_(idle), lifetime_(lifetime) {}

    /// Empty when the random generator failed. When there are too many, the one that was not used
    /// for the longest time ends.
    auth::SecretString open(std::string key_id, store::Timestamp now);
    /// The session, noted as used now; nullptr when there is none or it ended.
    const Session* find(std::string_view name, store::Timestamp now);
    void close(std::string_view name);
    std::size_t size() const { return sessions_.size(); }

  private:
    using Digest = std::array<std::uint8_t, 32>;
    static Digest digest_of(std::string_view name);
    bool has_ended(const Session& session, store::Timestamp now) const;
    void make_room(store::Timestamp now);

    std::chrono::milliseconds idle_;
    std::chrono::milliseconds lifetime_;
    std::map<Digest, Session> sessions_;
};

}  // namespace kwikgate::gateway::admin
