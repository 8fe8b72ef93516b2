#include "gateway/pasted/pasted_request.hpp"

#include <algorithm>
#include <array>

#include "auth/ascii.hpp"
#include "gateway/pasted/request_text.hpp"

namespace kwikgate::gateway {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t kMaxLookedAt = std::size_t{256} << 10;

bool starts_with_word(std::string_view text, std::string_view word) {
    return text.size() > word.size() &&
           auth::equal_ignoring_case(text.substr(0, word.size()), word) &&
           std::string_view(" \t\r\n(").find(text[word.size()]) != std::string_view::npos;
}

std::string_view first_line(const Lines& lines) {
    for (const std::string_view line : lines)
        if (!trimmed(line).empty()) return line;
    return {};
}

bool has_field(const Lines& lines, std::string_view name) {
    for (const std::string_view line : lines) {
        if (line.empty() && line.data() != lines.front().data()) return false;
        if (line.size() > name.size() && line[name.size()] == ':' &&
            auth::equal_ignoring_case(line.substr(0, name.size()), name))
            return true;
    }
    return false;
}

bool has_line(const Lines& lines, bool (*matches)(std::string_view)) {
    return std::any_of(lines.begin(), lines.end(), matches);
}

/// A request as on the wire, not one of a file with more of them or with a URL for its target.
bool is_raw(const Lines& lines) {
    const std::string_view line = first_line(lines);
    if (!is_request_line(line)) return false;
    if (has_field(lines, "Content-Length") || has_field(lines, "Transfer-Encoding")) return true;
    const std::string_view target = trimmed(line.substr(line.find(' ')));
    const bool is_for_client =
        target.find("{{") != std::string_view::npos ||
        (target.find("://") != std::string_view::npos && !has_field(lines, "Host"));
    return !is_for_client &&
           !has_line(lines, [](std::string_view l) { return l.starts_with("###"); });
}

bool is_http_file(const Lines& lines) {
    const std::string_view line = trimmed(first_line(lines));
    if (line.starts_with('#') || line.starts_with("//") || line.starts_with("< {%")) return true;
    if (line.starts_with('@')) return line.find('=') != std::string_view::npos;
    if (line.starts_with("http://") || line.starts_with("https://")) return true;
    const std::size_t space = std::min(line.find(' '), line.size());
    if (!is_method(line.substr(0, space))) return false;
    const std::string_view target = trimmed(line.substr(space));
    return target.starts_with("http://") || target.starts_with("https://") ||
           target.starts_with("{{") || target.starts_with('/');
}

/// What people paste that no reader is for.
std::string_view foreign(std::string_view text) {
    struct Row {
        std::string_view word;
        std::string_view error;
    };
    constexpr std::array kRows = {
        Row{"fetch", "a call of fetch is not understood: copy it as curl (bash)"},
        Row{"await fetch", "a call of fetch is not understood: copy it as curl (bash)"},
        Row{"Invoke-WebRequest", "PowerShell is not understood: copy it as curl (bash)"},
        Row{"Invoke-RestMethod", "PowerShell is not understood: copy it as curl (bash)"},
        Row{"wget", "a wget command is not understood: write it as a curl command"},
        Row{"http",
            "an HTTPie command is not understood: add --offline to it and paste what it "
            "prints"},
        Row{"https",
            "an HTTPie command is not understood: add --offline to it and paste what it "
            "prints"},
    };
    if (text.starts_with('{') || text.starts_with('['))
        return "JSON is not understood, but for entries of the debug capture: paste a raw request "
               "or a curl command";
    for (const Row& row : kRows)
        if (starts_with_word(text, row.word)) return row.error;
    return {};
}

PastedRequest read_raw(std::string_view text, const Lines& lines) {
    PastedRequest out;
    out.raw = text;
    const bool is_framed =
        has_field(lines, "Content-Length") || has_field(lines, "Transfer-Encoding");
    const std::size_t end = std::min(text.find("\r\n\r\n"), text.find("\n\n"));
    if (!is_framed && is_request_line(first_line(lines)) && end != std::string_view::npos &&
        !trimmed(text.substr(end)).empty())
        out.notes.emplace_back(
            "the request has neither Content-Length nor Transfer-Encoding: what follows its head "
            "is not its body");
    return out;
}

bool looks_like_command(std::string_view text) {
    constexpr std::size_t kEnough = 4096;  // For what stands before "curl".
    return text.substr(0, kEnough).find("curl") != std::string_view::npos;
}

}  // namespace

std::string_view to_token(PastedFormat format) {
    switch (format) {
        case PastedFormat::raw:
            return "raw";
        case PastedFormat::curl_command:
            return "curl_command";
        case PastedFormat::curl_output:
            return "curl_output";
        case PastedFormat::http_file:
            return "http_file";
        case PastedFormat::capture:
            return "capture";
    }
    return {};
}

PastedRequest read_pasted(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    // Enough to know the format by; a body may be long.
    const Lines lines = lines_of(text.substr(0, kMaxLookedAt));
    if (is_raw(lines)) return read_raw(text, lines);
    if (text.starts_with('{')) {
        if (auto entry = last_capture(text)) {
            PastedRequest out;
            out.format = PastedFormat::capture;
            out.capture = std::move(entry);
            if (trimmed(text).find('\n') != std::string_view::npos)
                out.notes.emplace_back("there are several lines: the last entry is judged");
            return out;
        }
    }
    const bool is_output = has_line(lines, [](std::string_view line) {
        return line.starts_with("> ") && is_request_line(line.substr(2));
    });
    if (is_output) return read_curl_output(text);
    if (is_http_file(lines)) return read_http_file(text);
    if (looks_like_command(text)) {
        PastedRequest command = read_curl_command(text);
        if (command.error != kNoCurlCommand) return command;
    }
    if (const std::string_view error = foreign(trimmed(text)); !error.empty()) {
        PastedRequest out;
        out.error = error;
        return out;
    }
    return read_raw(text, lines);
}

}  // namespace kwikgate::gateway
