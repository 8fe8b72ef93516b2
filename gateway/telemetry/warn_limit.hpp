#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace kwikgate::gateway {

/// For a warning that anybody outside can provoke: one line in `kInterval`, which says how many
/// were kept back since the one before. **Threads**: one.
class WarnLimit {
  public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds kInterval{10};

    /// How many were kept back before this one, which is to be written; empty: keep it back.
    std::optional<std::uint64_t> take(Time now) {
        if (has_written_ && now - last_ < kInterval) {
            ++kept_back_;
            return std::nullopt;
        }
        has_written_ = true;
        last_ = now;
        const std::uint64_t count = kept_back_;
        kept_back_ = 0;
        return count;
    }

  private:
    bool has_written_ = false;
    Time last_{};
    std::uint64_t kept_back_ = 0;
};

}  // namespace kwikgate::gateway
