#include "auth/address_text.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/ip_rules.hpp"

namespace kwikgate::auth {
namespace {

bool is_zone(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

/// `text` into address and zone; a zone has a meaning for IPv6 only.
bool read_address(std::string_view text, AddressText& out) {
    const std::size_t percent = text.find('%');
    const auto address = parse_ip(text.substr(0, percent));
    if (!address) return false;
    out.address = *address;
    out.text = text;
    if (percent == std::string_view::npos) return true;
    out.zone = text.substr(percent + 1);
    return text.find(':') != std::string_view::npos && is_zone(out.zone);
}

/// ":" and a port, or nothing.
bool read_port(std::string_view text, AddressText& out) {
    if (text.empty()) return true;
    if (text.front() != ':') return false;
    out.port_text = text.substr(1);
    const auto port = parse_port(out.port_text);
    if (!port) return false;
    out.port = *port;
    out.has_port = true;
    return true;
}

std::string_view without_quotes(std::string_view text) {
    const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    if (text.empty() || text.size() > 5 || !is_digit(text.front()) || !read_decimal(text, port))
        return std::nullopt;
    return port;
}

std::optional<AddressText> parse_address_text(std::string_view text) {
    AddressText out;
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        out.is_bracketed = true;
        rest = text.substr(end + 1);
        text = text.substr(1, end - 1);
        // "[192.0.2.1]" is written by nobody who knows what brackets are for.
        if (text.find(':') == std::string_view::npos) return std::nullopt;
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        const std::size_t colon = text.find(':');
        rest = text.substr(colon);
        text = text.substr(0, colon);
    }
    if (!read_address(text, out) || !read_port(rest, out)) return std::nullopt;
    return out;
}

std::optional<store::IpAddress> parse_forwarded_node(std::string_view text) {
    constexpr std::string_view kFor = "for=";
    text = without_quotes(text);
    if (equal_ignoring_case(text.substr(0, kFor.size()), kFor))
        text = without_quotes(text.substr(kFor.size()));
    const auto node = parse_address_text(text);
    if (!node) return std::nullopt;
    return node->address;
}

bool is_unspecified(const store::IpAddress& address) {
    const auto* const begin = address.bytes.begin();
    const auto* const end = address.bytes.end();
    const auto* const first = is_ipv4(address) ? begin + 12 : begin;
    return std::all_of(first, end, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace kwikgate::auth
