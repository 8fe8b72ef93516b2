#include "gateway/admin/target.hpp"

#include <algorithm>

#include "auth/ascii.hpp"

namespace kwikgate::gateway::admin {
namespace {

constexpr std::size_t kMaxMembers = 32;

/// As URLSearchParams writes it: '+' is a blank.
std::optional<std::string> decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int byte = i + 2 < text.size() ? auth::hex_pair(text[i + 1], text[i + 2]) : -1;
            if (byte < 0) return std::nullopt;
            out += static_cast<char>(byte);
            i += 2;
        }
    }
    return out;
}

bool is_id_char(char c) {
    return auth::is_alphanumeric(c) || c == '_';
}

}  // namespace

const std::string* Target::find(std::string_view name) const {
    for (const auto& [key, value] : query)
        if (key == name) return &value;
    return nullptr;
}

std::optional<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) return std::nullopt;
    Target target;
    const std::size_t mark = text.find('?');
    target.path = text.substr(0, mark);
    if (mark == std::string_view::npos) return target;
    std::string_view rest = text.substr(mark + 1);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view member = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t equals = std::min(member.find('='), member.size());
        auto name = decode(member.substr(0, equals));
        auto value = decode(member.substr(std::min(equals + 1, member.size())));
        if (!name || !value || name->empty() || target.find(*name) != nullptr ||
            target.query.size() == kMaxMembers)
            return std::nullopt;
        target.query.emplace_back(std::move(*name), std::move(*value));
    }
    return target;
}

bool matches(std::string_view pattern, std::string_view path, std::string_view& id) {
    constexpr std::string_view kParameter = "{id}";
    const std::size_t at = pattern.find(kParameter);
    if (at == std::string_view::npos) return pattern == path;
    const std::string_view tail = pattern.substr(at + kParameter.size());
    if (path.size() <= at + tail.size() || !path.starts_with(pattern.substr(0, at)) ||
        !path.ends_with(tail))
        return false;
    const std::string_view segment = path.substr(at, path.size() - at - tail.size());
    if (!std::all_of(segment.begin(), segment.end(), is_id_char)) return false;
    id = segment;
    return true;
}

}  // namespace kwikgate::gateway::admin
