#include "gateway/pasted/request_text.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

#include "auth/ascii.hpp"
#include "auth/base64.hpp"

namespace kwikgate::gateway {

UrlParts split_any_url(std::string_view url) {
    UrlParts parts;
    parts.scheme = "http";
    const std::size_t colon = url.find("://");
    if (colon != std::string_view::npos && colon < url.find_first_of("/?#")) {
        parts.scheme = url.substr(0, colon);
        url.remove_prefix(colon + 3);
    }
    url = url.substr(0, url.find('#'));
    const std::size_t end = std::min(url.find_first_of("/?"), url.size());
    parts.authority = url.substr(0, end);
    parts.target = url.substr(end);
    if (const std::size_t at = parts.authority.rfind('@'); at != std::string_view::npos) {
        parts.user_info = parts.authority.substr(0, at);
        parts.authority.remove_prefix(at + 1);
    }
    return parts;
}

bool RequestText::has(std::string_view name) const {
    return std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
        return auth::equal_ignoring_case(field.first, name);
    });
}

void RequestText::set_default(std::string_view name, std::string value) {
    if (!has(name)) fields.emplace_back(name, std::move(value));
}

void RequestText::set_basic(std::string_view key_and_secret) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(key_and_secret.data());
    set_default("Authorization",
                "Basic " + auth::encode_base64(std::span(bytes, key_and_secret.size())));
}

std::string RequestText::to_raw() const {
    std::string out =
        method + " " + (target.starts_with('/') ? "" : "/") + target + " HTTP/1.1\r\n";
    if (!has("Host")) out += "Host: " + authority + "\r\n";
    for (const auto& [name, value] : fields) out += name + ": " + value + "\r\n";
    const bool is_framed = has("Content-Length") || has("Transfer-Encoding");
    // One that is not known is announced and cut off, so that all but it is judged.
    if (!is_framed && lacks_body) out += "Content-Length: 1\r\n";
    if (!is_framed && body && !lacks_body)
        out += "Content-Length: " + std::to_string(body->size()) + "\r\n";
    out += "\r\n";
    if (body && !lacks_body) out += *body;
    return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\r\n";
    const std::size_t start = text.find_first_not_of(kSpaces);
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(kSpaces) + 1 - start);
}

bool is_method(std::string_view word) {
    return !word.empty() && word.size() <= 32 && std::all_of(word.begin(), word.end(), [](char c) {
        return auth::is_upper(c) || c == '-';
    });
}

bool is_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    return first != std::string_view::npos && last > first && is_method(line.substr(0, first)) &&
           line.substr(last + 1).starts_with("HTTP/");
}

}  // namespace kwikgate::gateway
