#pragma once

#include <chrono>
#include <limits>
#include <string_view>

#include "auth/replay_guard.hpp"

/// What the tests of the replay table and of its file share.
namespace kwikgate::auth {

inline constexpr std::chrono::milliseconds kWindow{330'000};
inline constexpr Timestamp kStart{std::chrono::milliseconds(1'800'000'000'000)};
inline constexpr std::string_view kToken = "KEY7";
inline constexpr ReplayLife kLife{1, 2, 3};

inline constexpr store::TokenNumber kOwner{7};
inline constexpr std::size_t kNoShare = std::numeric_limits<std::size_t>::max();

inline ReplayGuard::Verdict record(ReplayGuard& guard, std::string_view api_key,
                                   std::string_view nonce, Timestamp created, Timestamp valid_until,
                                   Timestamp now, store::TokenNumber owner = kOwner,
                                   std::size_t most_of_owner = kNoShare) {
    return guard.record({guard.identify(api_key, nonce), owner, created, valid_until}, now,
                        most_of_owner);
}

/// A signature made at `now` and good for five minutes.
inline ReplayGuard::Verdict use(ReplayGuard& guard, std::string_view nonce, Timestamp now,
                                std::string_view token = kToken) {
    return record(guard, token, nonce, now, now + std::chrono::seconds(300), now);
}

}  // namespace kwikgate::auth
