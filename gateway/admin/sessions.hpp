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

/// The two halves of a session, 43 random base62 characters each. A cookie goes to every port of
/// the host, so the cookie alone opens nothing: the page keeps the other half where only its own
/// origin reads it, and sends it with each call.
struct SessionHalves {
    std::string_view cookie;
    std::string_view page;
};

/// The console's sessions, in memory only: a restart ends them. Of both halves only the SHA-256 is
/// kept. **Threads**: the admin listener's.
class Sessions {
  public:
    static constexpr std::size_t kMost = 1000;
    static constexpr std::size_t kMostOfKey = 50;

    struct Session {
        std::string key_id;  ///< The admin key that opened it.
        store::Timestamp expires_at{};
        store::Timestamp used_at{};
    };

    Sessions(std::chrono::milliseconds idle, std::chrono::milliseconds lifetime)
        : idle_(idle), lifetime_(lifetime) {}

    struct Opened {
        auth::SecretString cookie;
        auth::SecretString page;
    };
    /// Empty when the random generator failed. When there are too many, the one that was not used
    /// for the longest time ends: of this key, where it has as many as a key may have, so that one
    /// key cannot log everybody else out.
    Opened open(std::string key_id, store::Timestamp now);
    /// The session, noted as used now; nullptr when there is none, it ended, or a half is wrong.
    const Session* find(const SessionHalves& halves, store::Timestamp now);
    /// Nothing when a half is wrong: who has the cookie alone ends nobody's session.
    void close(const SessionHalves& halves);
    std::size_t size() const { return sessions_.size(); }

  private:
    using Digest = std::array<std::uint8_t, 32>;
    struct Entry {
        Session session;
        Digest page{};
    };
    using Entries = std::map<Digest, Entry>;  ///< By the cookie's.
    static Digest digest_of(std::string_view half);
    Entries::iterator look_up(const SessionHalves& halves);
    bool has_ended(const Session& session, store::Timestamp now) const;
    void make_room(std::string_view key_id, store::Timestamp now);

    std::chrono::milliseconds idle_;
    std::chrono::milliseconds lifetime_;
    Entries sessions_;
};

}  // namespace kwikgate::gateway::admin
