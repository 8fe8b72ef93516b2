#include "store/token_record.hpp"

#include <cstring>

namespace kwikgate::store {
namespace {

/// Entry `index` of a list that `decode` has found to be whole.
IpRange ip_range_at(std::span<const std::byte> encoded, std::size_t index) {
    const auto entry = encoded.subspan(index * kEncodedIpBytes, kEncodedIpBytes);
    IpRange range;
    std::memcpy(range.address.bytes.data(), entry.data(), range.address.bytes.size());
    range.prefix_bits = std::to_integer<std::uint8_t>(entry[kEncodedIpBytes - 1]);
    return range;
}

/// Takes the next origin off `rest`; what does not fit ends the list.
std::string_view take_origin(std::span<const std::byte>& rest) {
    const auto size = std::to_integer<std::size_t>(rest.front());
    if (size >= rest.size()) {
        rest = {};
        return {};
    }
    const auto bytes = rest.subspan(1, size);
    rest = rest.subspan(1 + size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

bool TokenView::allows_address(const IpAddress& address) const {
    if (encoded_ips.empty()) return true;
    // "::" is nobody's address: it stands for a client that nobody knows, and is in no list.
    if (address == IpAddress{}) return false;
    for (std::size_t i = 0; i < encoded_ips.size() / kEncodedIpBytes; ++i)
        if (ip_range_at(encoded_ips, i).contains(address)) return true;
    return false;
}

bool TokenView::allows_origin(std::string_view origin) const {
    // An absent Origin must not match anything, whatever the list holds.
    if (origin.empty()) return false;
    for (auto rest = encoded_origins; !rest.empty();)
        if (take_origin(rest) == origin) return true;
    return false;
}

TokenRecord TokenView::to_record() const {
    TokenRecord record;
    record.number = number;
    record.id = id;
    record.name = name;
    record.api_key = api_key;
    record.public_key = public_key;
    record.created_at = created_at;
    record.updated_at = updated_at;
    record.version = version;
    record.status = status;
    record.environment = environment;
    record.readable = readable;
    record.writable = writable;
    record.account = account;
    record.expires_at = expires_at;
    for (std::size_t i = 0; i < encoded_ips.size() / kEncodedIpBytes; ++i)
        record.allowed_ips.push_back(ip_range_at(encoded_ips, i));
    for (auto rest = encoded_origins; !rest.empty();)
        record.allowed_origins.emplace_back(take_origin(rest));
    record.rate = rate;
    record.max_concurrent = max_concurrent;
    record.require_signature = require_signature;
    record.require_form_signature = require_form_signature;
    record.debug = debug;
    record.secret = secret;
    record.previous_secret = previous_secret;
    record.imported_at = imported_at;
    return record;
}

}  // namespace kwikgate::store
