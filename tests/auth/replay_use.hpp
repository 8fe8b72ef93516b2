#pragma once

#include <chrono>
#include <string_view>

#include "auth/replay_guard.hpp"

/// What the tests of the replay table and of its file share.
namespace kwikgate::auth {

inline constexpr std::chrono::milliseconds kWindow{330'000};
inline constexpr Timestamp kStart{std::chrono::milliseconds(1'800'000'000'000)};
inline constexpr std::string_view kToken = "KEY7";

/// A signature made at `now` and good for five minutes.
inline ReplayGuard::Verdict use(ReplayGuard& guard, std::string_view nonce, Timestamp now,
                                std::string_view token = kToken) {
    return guard.record(token, nonce, now, now + std::chrono::seconds(300), now);
}

}  // namespace kwikgate::auth
