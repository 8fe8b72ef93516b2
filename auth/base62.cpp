#include "auth/base62.hpp"

#include <openssl/rand.h>

#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/secret.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static_assert(kDigits.size() == 62);

}  // namespace

bool is_base62(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_alphanumeric);
}

void put_base62(std::uint64_t value, std::span<char> out) {
    for (std::size_t i = out.size(); i > 0; --i, value /= 62) out[i - 1] = kDigits[value % 62];
}

bool put_random_base62(std::span<char> out) {
    // Bytes from 248 on are thrown away: 256 is no multiple of 62, and the first digits would come
    // up more often.
    constexpr unsigned kLimit = 4 * 62;
    SecretBytes<96> pool;
    const auto bytes = pool.expose_mutable();
    std::size_t done = 0;
    while (done < out.size()) {
        if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
        for (std::size_t i = 0; i < bytes.size() && done < out.size(); ++i)
            if (bytes[i] < kLimit) out[done++] = kDigits[bytes[i] % 62];
    }
    return true;
}

bool increment_base62(std::span<char> digits) {
    for (std::size_t i = digits.size(); i > 0; --i) {
        char& digit = digits[i - 1];
        const std::size_t value = kDigits.find(digit);
        if (value + 1 < kDigits.size()) {
            digit = kDigits[value + 1];
            return true;
        }
        digit = kDigits.front();
    }
    return false;
}

}  // namespace kwikgate::auth
