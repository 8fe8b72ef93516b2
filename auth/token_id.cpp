#include "auth/token_id.hpp"

#include <algorithm>

#include "auth/base62.hpp"
#include "store/token_record.hpp"

namespace kwikgate::auth {

static_assert(TokenIdGenerator::kPrefix.size() + TokenIdGenerator::kTimeDigits +
                  TokenIdGenerator::kRandomDigits ==
              store::kTokenIdBytes);

Result<std::string> TokenIdGenerator::next(Timestamp created_at) {
    created_at = std::max(created_at, Timestamp{});
    const bool counted = last_ == created_at && increment_base62(random_);
    if (!counted) {
        if (!put_random_base62(random_)) return Errc::crypto_failure;
        // The first digit is 0-9 of 62, so that most of the range is left to count up into.
        random_.front() = static_cast<char>('0' + random_.front() % 10);
    }
    last_ = created_at;
    std::string id(kPrefix);
    id.resize(store::kTokenIdBytes);
    const auto milliseconds = static_cast<std::uint64_t>(created_at.time_since_epoch().count());
    put_base62(milliseconds, std::span<char>(id.data() + kPrefix.size(), kTimeDigits));
    std::copy(random_.begin(), random_.end(),
              id.begin() + static_cast<std::ptrdiff_t>(kPrefix.size() + kTimeDigits));
    return id;
}

}  // namespace kwikgate::auth
