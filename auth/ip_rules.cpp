#include "auth/ip_rules.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "auth/ascii.hpp"

namespace kwikgate::auth {
namespace {

using store::IpAddress;
using store::IpRange;

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

struct ParsedAddress {
    IpAddress address;
    bool written_as_ipv4 = false;
};

std::optional<ParsedAddress> parse_address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    // A NUL inside would cut the text short for inet_pton.
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::copy(text.begin(), text.end(), terminated.begin());
    ParsedAddress out;
    if (inet_pton(AF_INET6, terminated.data(), out.address.bytes.data()) == 1) return out;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), out.address.bytes.begin());
    out.written_as_ipv4 = true;
    if (inet_pton(AF_INET, terminated.data(), out.address.bytes.data() + 12) == 1) return out;
    return std::nullopt;
}

std::optional<unsigned> parse_prefix_length(std::string_view text, unsigned limit) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0'))
        return std::nullopt;
    unsigned value = 0;
    if (!read_decimal(text, value) || value > limit) return std::nullopt;
    return value;
}

void clear_host_bits(IpRange& range) {
    for (unsigned bit = range.prefix_bits; bit < 128; ++bit)
        range.address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
}

}  // namespace

bool is_ipv4(const IpAddress& address) {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
}

bool is_loopback(const store::IpAddress& address) {
    if (is_ipv4(address)) return address.bytes[12] == 127;
    store::IpAddress one;
    one.bytes[15] = 1;
    return address == one;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
    const auto parsed = parse_address(text);
    if (!parsed) return std::nullopt;
    return parsed->address;
}

std::optional<IpRange> parse_ip_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto parsed = parse_address(text.substr(0, slash));
    if (!parsed) return std::nullopt;
    IpRange range{parsed->address, 128};
    if (slash == std::string_view::npos) return range;
    const unsigned offset = parsed->written_as_ipv4 ? kMappedBits : 0;
    const auto length = parse_prefix_length(text.substr(slash + 1), 128 - offset);
    if (!length) return std::nullopt;
    range.prefix_bits = static_cast<std::uint8_t>(offset + *length);
    clear_host_bits(range);
    return range;
}

std::string_view to_text(const IpAddress& address, IpText& out) {
    static_assert(sizeof(IpText) >= INET6_ADDRSTRLEN);
    const bool dotted = is_ipv4(address);
    const void* bytes = address.bytes.data() + (dotted ? 12 : 0);
    inet_ntop(dotted ? AF_INET : AF_INET6, bytes, out.data(), socklen_t{sizeof(IpText)});
    return out.data();
}

std::string to_text(const IpAddress& address) {
    IpText text;
    return std::string(to_text(address, text));
}

std::string to_text(const IpRange& range) {
    std::string text = to_text(range.address);
    if (range.prefix_bits >= 128) return text;
    const bool dotted = is_ipv4(range.address) && range.prefix_bits >= kMappedBits;
    // A wider block than ::ffff:0:0/96 cannot be written with a dotted address; its host bits are
    // cleared, so it never looks like one unless somebody built the range by hand.
    if (is_ipv4(range.address) && !dotted) text = "::ffff:" + text;
    const unsigned bits = range.prefix_bits - (dotted ? kMappedBits : 0U);
    return text + "/" + std::to_string(bits);
}

}  // namespace kwikgate::auth
