#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth/error.hpp"
#include "auth/vocabulary.hpp"

namespace kwikgate::auth {

/// Makes token ids: "tok_", 8 base62 digits of the creation time in milliseconds, 14 random ones.
/// Ids sort by creation; those of the same millisecond count up from a random start, so they sort
/// by the order of the calls. **Threads**: one.
class TokenIdGenerator {
  public:
    static constexpr std::string_view kPrefix = "tok_";
    static constexpr std::size_t kTimeDigits = 8;  ///< Enough for 6900 years.
    static constexpr std::size_t kRandomDigits = 14;

    /// **Errors**: `crypto_failure`. Times before 1970 count as 1970.
    Result<std::string> next(Timestamp created_at);

  private:
    std::optional<Timestamp> last_;
    std::array<char, kRandomDigits> random_{};
};

}  // namespace kwikgate::auth
