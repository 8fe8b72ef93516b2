#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "store/types.hpp"

namespace kwikgate::gateway::http {

/// The value of Date: `Sun, 06 Nov 1994 08:49:37 GMT`. Written anew once a second, so that an
/// answer takes a comparison. One per worker. **Spec**: RFC 9110, 5.6.7, 6.6.1.
class DateText {
  public:
    /// Valid until the next call.
    std::string_view at(store::Timestamp time);

  private:
    void write(std::int64_t seconds);

    static constexpr std::int64_t kNone = INT64_MIN;
    std::int64_t second_ = kNone;
    std::array<char, 29> text_{};
};

}  // namespace kwikgate::gateway::http
