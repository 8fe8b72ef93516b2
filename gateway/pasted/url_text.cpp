#include "gateway/pasted/url_text.hpp"

#include <algorithm>
#include <vector>

#include "auth/ascii.hpp"

namespace kwikgate::gateway {

std::string form_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (auth::is_alphanumeric(c) ||
            std::string_view("-._~").find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += auth::kUpperHex[byte >> 4U];
        out += auth::kUpperHex[byte & 15U];
    }
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int byte =
            text[i] == '%' && text.size() - i > 2 ? auth::hex_pair(text[i + 1], text[i + 2]) : -1;
        out += byte < 0 ? text[i] : static_cast<char>(byte);
        if (byte >= 0) i += 2;
    }
    return out;
}

std::string without_dot_segments(std::string_view path) {
    std::vector<std::string_view> kept;
    bool ends_open = false;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view segment = path.substr(0, end);
        path.remove_prefix(end);
        ends_open = segment == "." || segment == "..";
        if (segment == ".." && !kept.empty()) kept.pop_back();
        if (!ends_open) kept.push_back(segment);
    }
    std::string out;
    for (const std::string_view segment : kept) out.append("/").append(segment);
    return ends_open || out.empty() ? out + "/" : out;
}

}  // namespace kwikgate::gateway
