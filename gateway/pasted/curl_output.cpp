#include <algorithm>

#include "auth/ascii.hpp"
#include "gateway/pasted/pasted_request.hpp"
#include "gateway/pasted/request_text.hpp"

namespace kwikgate::gateway {
namespace {

bool is_sent_request_line(std::string_view line) {
    return line.starts_with("> ") && is_request_line(line.substr(2));
}

bool is_trace_line(std::string_view line) {
    return line.size() >= 2 && line[1] == ' ' &&
           std::string_view("*<>{}").find(line[0]) != std::string_view::npos;
}

/// The body, where the command stands before its output and holds it.
std::optional<std::string> body_of_command(std::string_view text, std::string_view length) {
    std::size_t end = 0;
    for (const std::string_view line : lines_of(text)) {
        if (is_trace_line(line)) break;
        end = static_cast<std::size_t>(line.data() + line.size() - text.data());
    }
    const PastedRequest command = read_curl_command(text.substr(0, end));
    if (!command.error.empty()) return std::nullopt;
    const std::string_view raw = command.raw;
    const std::size_t head = raw.find("\r\n\r\n");
    std::string body(raw.substr(std::min(head, raw.size() - 4) + 4));
    return std::to_string(body.size()) == length ? std::optional(std::move(body)) : std::nullopt;
}

}  // namespace

PastedRequest read_curl_output(std::string_view text) {
    PastedRequest out;
    out.format = PastedFormat::curl_output;
    if (text.size() > kMaxCommandBytes) {
        out.error = "the output of curl is longer than 4 MiB";
        return out;
    }
    const auto lines = lines_of(text);
    auto line = std::find_if(lines.begin(), lines.end(), is_sent_request_line);
    if (line == lines.end()) {
        out.error = "there is no request in the output of curl";
        return out;
    }
    if (std::any_of(line + 1, lines.end(), is_sent_request_line))
        out.notes.emplace_back("curl sent more than one request: the first one is judged");
    std::string_view first = line->substr(2);
    const std::size_t version = first.rfind(' ') + 1;
    if (!first.substr(version).starts_with("HTTP/1"))
        out.notes.emplace_back("curl spoke another version than HTTP/1.1: it is judged as 1.1");
    out.raw = std::string(first.substr(0, version)) + "HTTP/1.1\r\n";
    std::string length;
    bool is_chunked = false;
    for (++line; line != lines.end() && !line->starts_with("<"); ++line) {
        if (!line->starts_with(">")) continue;
        const std::string_view field = trimmed(line->substr(1));
        if (field.empty()) break;
        const std::size_t colon = std::min(field.find(':'), field.size());
        const std::string name = auth::lower_case(field.substr(0, colon));
        if (name == "content-length")
            length = trimmed(field.substr(std::min(colon + 1, field.size())));
        is_chunked = is_chunked || name == "transfer-encoding";
        if (name == "authorization" && field.find("redacted") != std::string_view::npos)
            out.notes.emplace_back("the output hides the value of Authorization");
        out.raw.append(field).append("\r\n");
    }
    out.raw += "\r\n";
    const bool is_tls = std::any_of(lines.begin(), lines.end(), [](std::string_view candidate) {
        return candidate.starts_with("* SSL connection using");
    });
    out.scheme = is_tls ? "https" : "http";
    if (is_chunked || (!length.empty() && length != "0")) {
        const auto body = is_chunked ? std::nullopt : body_of_command(text, length);
        if (body) {
            out.raw += *body;
        } else {
            out.notes.emplace_back("curl -v does not show the body: it is not judged");
        }
    }
    return out;
}

}  // namespace kwikgate::gateway
