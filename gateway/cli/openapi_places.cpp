#include "gateway/cli/openapi_places.hpp"

#include <algorithm>

#include "auth/ascii.hpp"

namespace kwikgate::gateway::cli {
namespace {

using simdjson::dom::object;

/// Variables of a server's URL in their default values.
std::string with_defaults(std::string url, const object& server) {
    object variables;
    if (server["variables"].get(variables) != simdjson::SUCCESS) return url;
    for (const auto variable : variables) {
        object described;
        if (variable.value.get(described) != simdjson::SUCCESS) continue;
        const std::string name = "{" + std::string(variable.key) + "}";
        const std::size_t at = url.find(name);
        if (at != std::string::npos) url.replace(at, name.size(), text_of(described, "default"));
    }
    return url;
}

/// A reference is a URL: "%7Bid%7D" in it is "{id}".
std::string without_escapes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '%' && text.size() - i > 2;
        const int byte = is_escape ? auth::hex_pair(text[i + 1], text[i + 2]) : -1;
        if (byte >= 0) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace

std::string text_of(const object& from, std::string_view name) {
    std::string_view text;
    return from[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string path_of_url(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t scheme = url.find("://");
    const bool has_host = scheme != std::string_view::npos || url.starts_with("//");
    if (has_host) {
        const std::size_t host = scheme == std::string_view::npos ? 2 : scheme + 3;
        url.remove_prefix(std::min(url.find('/', host), url.size()));
    }
    if (url.starts_with("./")) url.remove_prefix(1);
    if (url == ".") url = {};
    while (url.ends_with('/')) url.remove_suffix(1);
    return (url.empty() || url.starts_with('/') ? "" : "/") + std::string(url);
}

std::vector<std::string> base_paths(const object& of) {
    std::vector<std::string> out;
    const auto add = [&out](const std::string& url) {
        std::string path = path_of_url(url);
        if (std::find(out.begin(), out.end(), path) == out.end()) out.push_back(std::move(path));
    };
    simdjson::dom::array servers;
    if (of["servers"].get(servers) == simdjson::SUCCESS) {
        for (const auto entry : servers) {
            object server;
            if (entry.get(server) == simdjson::SUCCESS)
                add(with_defaults(text_of(server, "url"), server));
        }
    } else if (const std::string base = text_of(of, "basePath"); !base.empty()) {
        add(base);
    }
    return out;
}

std::optional<object> referenced(const object& root, std::string_view reference) {
    if (!reference.starts_with("#/")) return std::nullopt;
    object found;
    if (root.at_pointer(without_escapes(reference.substr(1))).get(found) != simdjson::SUCCESS)
        return std::nullopt;
    return found;
}

}  // namespace kwikgate::gateway::cli
