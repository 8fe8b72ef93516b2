#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "auth/master_key.hpp"
#include "store/types.hpp"

namespace kwikgate::gateway::admin {

/// Takes each ticket of a login link once, and only while it is young. Tickets from before this
/// process are refused: nobody remembers whether they were used. **Threads**: the admin listener's.
class LoginTickets {
  public:
    LoginTickets(const auth::MasterKey& key, store::Timestamp started_at)
        : key_(key), started_at_(started_at) {}

    /// The id of the admin key that the ticket stands for; empty when it is not taken.
    std::optional<std::string> take(std::string_view text, store::Timestamp now);
    /// Those remembered.
    std::size_t size() const { return taken_.size(); }

  private:
    const auth::MasterKey& key_;
    store::Timestamp started_at_;
    std::map<std::string, store::Timestamp> taken_;  ///< By nonce: when it was issued.
    /// One from before this may have been taken and forgotten; the clock may be set back.
    store::Timestamp forgotten_until_ = store::Timestamp::min();
};

}  // namespace kwikgate::gateway::admin
