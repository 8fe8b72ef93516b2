#include "gateway/net/proxy_header.hpp"

#include <algorithm>
#include <cstring>

#include "auth/address_text.hpp"
#include "auth/ip_rules.hpp"

namespace kwikgate::gateway::net {
namespace {

using Status = ProxyHeader::Status;
using std::string_view_literals::operator""sv;

constexpr std::string_view kSignature2 = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::string_view kStart1 = "PROXY ";
constexpr std::size_t kMaxLine1 = 107;  // With CRLF.
constexpr std::size_t kFixed2 = 16;

ProxyHeader malformed() {
    return {Status::malformed, 0, false, {}};
}

/// The text up to a space or the end; `rest` goes on behind it.
std::string_view next_word(std::string_view& rest) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, space);
    rest.remove_prefix(std::min(space + 1, rest.size()));
    return word;
}

bool is_port(std::string_view text) {
    const bool has_leading_zero = text.size() > 1 && text.front() == '0';
    return !has_leading_zero && auth::parse_port(text).has_value();
}

ProxyHeader parse_version_1(std::string_view bytes) {
    const std::size_t end = bytes.substr(0, kMaxLine1).find("\r\n");
    if (end == std::string_view::npos)
        return bytes.size() < kMaxLine1 ? ProxyHeader{} : malformed();
    ProxyHeader header{Status::complete, end + 2, false, {}};
    std::string_view line = bytes.substr(kStart1.size(), end - kStart1.size());
    const std::string_view family = next_word(line);
    if (family == "UNKNOWN") return header;
    if (family != "TCP4" && family != "TCP6") return malformed();
    if (std::count(line.begin(), line.end(), ' ') != 3) return malformed();
    const auto source = auth::parse_ip(next_word(line));
    const auto destination = auth::parse_ip(next_word(line));
    const std::string_view source_port = next_word(line);
    if (!source || !destination || !is_port(source_port) || !is_port(line)) return malformed();
    // TCP6 may carry IPv4 as ::ffff:a.b.c.d: a dual-stack socket writes it so, and so does a sender
    // whose client and server are of different families.
    const bool are_four = auth::is_ipv4(*source) && auth::is_ipv4(*destination);
    if (family == "TCP4" && !are_four) return malformed();
    header.has_source = true;
    header.source = *source;
    return header;
}

ProxyHeader parse_version_2(std::string_view bytes) {
    if (bytes.size() < kFixed2) return {};
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::size_t length = static_cast<std::size_t>(byte(14)) << 8 | byte(15);
    const std::uint8_t command = byte(12);
    const std::uint8_t family = byte(13);
    if (command != 0x20 && command != 0x21) return malformed();
    if (kFixed2 + length > kMaxProxyHeaderBytes) return malformed();
    if (bytes.size() < kFixed2 + length) return {};
    ProxyHeader header{Status::complete, kFixed2 + length, false, {}};
    if (command == 0x20 || family == 0x00) return header;  // LOCAL, or UNSPEC.
    header.has_source = true;
    if (family == 0x11 && length >= 12) {
        header.source.bytes[10] = header.source.bytes[11] = 0xff;
        std::memcpy(&header.source.bytes[12], bytes.data() + kFixed2, 4);
        return header;
    }
    if (family == 0x21 && length >= 36) {
        std::memcpy(header.source.bytes.data(), bytes.data() + kFixed2, 16);
        return header;
    }
    return malformed();
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) {
    const auto begins_with = [&](std::string_view start) {
        const std::size_t known = std::min(bytes.size(), start.size());
        return bytes.substr(0, known) == start.substr(0, known);
    };
    if (bytes.empty()) return {};
    if (begins_with(kSignature2))
        return bytes.size() < kSignature2.size() ? ProxyHeader{} : parse_version_2(bytes);
    if (begins_with(kStart1))
        return bytes.size() < kStart1.size() ? ProxyHeader{} : parse_version_1(bytes);
    return malformed();
}

}  // namespace kwikgate::gateway::net
