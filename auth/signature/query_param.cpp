#include "auth/signature/query_param.hpp"

#include <optional>

#include "auth/ascii.hpp"
#include "auth/signature/form_text.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::auth {
namespace {

/// What the form percent-encode set of the URL standard leaves as it is.
bool is_plain(std::uint8_t byte) {
    const char c = static_cast<char>(byte);
    return is_alpha(c) || is_digit(c) || c == '*' || c == '-' || c == '.' || c == '_';
}

/// True when `raw`, decoded and encoded again, is `encoded`.
bool encodes_to(std::string_view raw, std::string_view encoded) {
    FormBytes bytes(raw);
    std::uint8_t byte = 0;
    while (bytes.next(byte)) {
        if (is_plain(byte)) {
            if (encoded.empty() || encoded.front() != static_cast<char>(byte)) return false;
            encoded.remove_prefix(1);
            continue;
        }
        if (encoded.size() < 3 || encoded[0] != '%' || encoded[1] != kUpperHex[byte >> 4] ||
            encoded[2] != kUpperHex[byte & 0x0f])
            return false;
        encoded.remove_prefix(3);
    }
    return encoded.empty();
}

BaseFault write_encoded(std::string_view raw, BoundedText& out) {
    FormBytes bytes(raw);
    Utf8Check utf8;
    std::uint8_t byte = 0;
    while (bytes.next(byte)) {
        if (!utf8.feed(byte)) return BaseFault::not_text;
        if (is_plain(byte)) {
            out.put(static_cast<char>(byte));
            continue;
        }
        out.put('%');
        out.put(kUpperHex[byte >> 4]);
        out.put(kUpperHex[byte & 0x0f]);
    }
    return utf8.complete() ? BaseFault::none : BaseFault::not_text;
}

}  // namespace

BaseFault write_query_param(std::string_view query, std::string_view name, BoundedText& out) {
    std::optional<std::string_view> found;
    FormPairs pairs(query);
    FormPair pair;
    while (pairs.next(pair)) {
        if (!encodes_to(pair.name, name)) continue;
        if (found) return BaseFault::parameter_repeated;
        found = pair.value;
    }
    if (!found) return BaseFault::parameter_absent;
    return write_encoded(*found, out);
}

}  // namespace kwikgate::auth
