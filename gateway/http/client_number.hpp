#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "store/types.hpp"

namespace kwikgate::gateway::http {

/// What counts as one client: an IPv4 address, or an IPv6 /64, which is what one subscriber gets.
inline std::uint64_t client_number(const store::IpAddress& address) {
    constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const bool is_v4 = std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin());
    const std::size_t begin = is_v4 ? 12 : 0;
    const std::size_t end = is_v4 ? 16 : 8;
    // 0000:0001::/32 is reserved (RFC 4291, 2.4), so no IPv6 client shares a number with an IPv4
    // one.
    std::uint64_t number = is_v4 ? 1 : 0;
    for (std::size_t i = begin; i < end; ++i) number = number << 8 | address.bytes[i];
    return number;
}

/// The address that a number stands for: an IPv4 one, or the first of its /64.
inline store::IpAddress client_address(std::uint64_t number) {
    store::IpAddress address;
    const bool is_v4 = number >> 32 == 1;
    if (is_v4) address.bytes[10] = address.bytes[11] = 0xff;
    for (std::size_t i = is_v4 ? 16 : 8; i-- > (is_v4 ? 12 : 0); number >>= 8)
        address.bytes[i] = static_cast<std::uint8_t>(number);
    return address;
}

}  // namespace kwikgate::gateway::http
