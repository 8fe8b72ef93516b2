#include "gateway/http/request_id.hpp"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <system_error>

#include "auth/ascii.hpp"
#include "gateway/http/char_class.hpp"

namespace kwikgate::gateway::http {

IdSource::IdSource() {
    // Up to 256 bytes are never returned in part once the kernel's pool is seeded.
    ssize_t got = -1;
    do {
        got = ::getrandom(state_.data(), sizeof(state_), 0);
    } while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(sizeof(state_)))
        throw std::system_error(errno, std::generic_category(), "getrandom");
    state_[0] |= 1;  // The all-zero state would stay zero.
}

IdSource::IdSource(const std::array<std::uint64_t, 4>& seed) : state_(seed) {
    state_[0] |= 1;
}

std::uint64_t IdSource::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

void write_hex(std::uint64_t value, char* out) {
    for (unsigned i = 0; i < 16; ++i)
        out[i] = auth::kLowerHex[static_cast<std::size_t>((value >> (60 - 4 * i)) & 0xfU)];
}

bool is_acceptable_request_id(std::string_view id) {
    // Letters, digits, '-', '.', '_': the characters of a host name.
    return !id.empty() && id.size() <= kMaxRequestIdBytes && all_of_class(id, kHostChar) &&
           id.find("kwk_") == std::string_view::npos;
}

void assign_request_id(std::string_view from_client, IdSource& source, RequestId& id) {
    if (is_acceptable_request_id(from_client)) {
        id.assign(from_client);
        return;
    }
    std::array<char, 32> text{};
    write_hex(source.next(), text.data());
    write_hex(source.next(), text.data() + 16);
    id.assign({text.data(), text.size()});
}

}  // namespace kwikgate::gateway::http
