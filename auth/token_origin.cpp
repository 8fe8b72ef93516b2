#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/token_settings.hpp"

namespace kwikgate::auth {
namespace {

bool is_host(std::string_view text) {
    if (text.empty()) return false;
    const bool bracketed = text.front() == '[' && text.back() == ']' && text.size() > 2;
    if (bracketed) text = text.substr(1, text.size() - 2);
    return std::all_of(text.begin(), text.end(), [bracketed](char c) {
        return is_lower(c) || is_digit(c) || c == '.' || (bracketed ? c == ':' : c == '-');
    });
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || text.front() == '0') return false;
    unsigned value = 0;
    return read_decimal(text, value) && value <= 65535;
}

}  // namespace

ServiceResult<std::string> normalize_origin(std::string_view text) {
    const ServiceError refused{
        Errc::invalid_origin,
        "An origin is written https://shop.example.com or http://localhost:3000: no path, no "
        "wildcard."};
    if (text.size() > store::kMaxOriginBytes) return refused;
    const std::string lower = lower_case(text);
    const std::string_view all = lower;
    const std::string_view scheme = all.starts_with("https://")  ? "https://"
                                    : all.starts_with("http://") ? "http://"
                                                                 : "";
    if (scheme.empty()) return refused;
    const std::string_view rest = all.substr(scheme.size());
    const std::size_t bracket = rest.rfind(']');
    const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view host = rest.substr(0, colon);
    if (!is_host(host)) return refused;
    std::string out(scheme);
    out += host;
    if (colon == std::string_view::npos) return out;
    const std::string_view port = rest.substr(colon + 1);
    if (!is_port(port)) return refused;
    // A browser leaves the default port out, and the comparison is byte by byte.
    if (port != (scheme == "https://" ? "443" : "80")) out += ":" + std::string(port);
    return out;
}

}  // namespace kwikgate::auth
