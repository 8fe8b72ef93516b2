#include "gateway/cli/curl_text.hpp"

#include <algorithm>

#include "auth/ascii.hpp"

namespace kwikgate::gateway::cli {
namespace {

bool is_plain(char c) {
    return auth::is_alphanumeric(c) ||
           std::string_view("-._/:@%+=,").find(c) != std::string_view::npos;
}

}  // namespace

std::string shell_word(std::string_view text) {
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string curl_command(const CurlRequest& request) {
    const bool has_body = request.data_file || request.data_text;
    std::string out = "curl --path-as-is --globoff";
    if (request.method == "HEAD" && !has_body) {
        out += " --head";  // Told by --request, curl would wait for the body that never comes.
    } else if (request.method != (has_body ? "POST" : "GET")) {
        out += " --request " + shell_word(request.method);
    }
    for (const auto& [name, value] : *request.headers)
        out += " \\\n  --header " + shell_word(std::string(name).append(": ").append(value));
    // --data-binary reads a file where its text starts with "@"; --data-raw never does.
    if (request.data_file) out += " \\\n  --data-binary " + shell_word("@" + *request.data_file);
    if (request.data_text) out += " \\\n  --data-raw " + shell_word(*request.data_text);
    return out + " \\\n  " + shell_word(request.url) + "\n";
}

}  // namespace kwikgate::gateway::cli
