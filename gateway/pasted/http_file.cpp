#include <algorithm>

#include "auth/ascii.hpp"
#include "gateway/pasted/pasted_request.hpp"
#include "gateway/pasted/request_text.hpp"

namespace kwikgate::gateway {
namespace {

using Lines = std::vector<std::string_view>;

bool is_separator(std::string_view line) {
    return line.starts_with("###");
}

bool is_comment(std::string_view line) {
    return line.starts_with('#') || line.starts_with("//");
}

/// `@name = value`: a variable of the file.
bool is_definition(std::string_view line) {
    return line.starts_with('@') && line.find('=') != std::string_view::npos;
}

/// The lines of the first request, and how many there are.
Lines first_request(const Lines& lines, std::size_t& count) {
    Lines first;
    Lines current;
    count = 0;
    const auto close = [&] {
        const bool is_request = std::any_of(current.begin(), current.end(), [](auto line) {
            return !trimmed(line).empty() && !is_comment(line) && !is_definition(line);
        });
        if (is_request && ++count == 1) first = current;
        current.clear();
    };
    for (const std::string_view line : lines) {
        if (is_separator(line)) {
            close();
        } else {
            current.push_back(line);
        }
    }
    close();
    return first;
}

/// Reads one request of a file for the REST client of VS Code or the HTTP client of JetBrains.
class HttpFileReader {
  public:
    HttpFileReader(Lines lines, PastedRequest& out) : lines_(std::move(lines)), out_(out) {}

    void read() {
        skip_preamble();
        if (at_ == lines_.size()) return fail("the file has no request");
        if (!read_request_line()) return;
        read_fields();
        read_body();
        if (has_variable_)
            return fail(
                "the request has variables ({{...}}), which are not replaced here: write the "
                "values in");
        out_.raw = request_.to_raw();
    }

  private:
    void fail(std::string error) { out_.error = std::move(error); }
    void note(std::string text) { out_.notes.push_back(std::move(text)); }

    std::string_view line() const { return lines_[at_]; }

    void look_for_variables(std::string_view text) {
        has_variable_ = has_variable_ || text.find("{{") != std::string_view::npos;
    }

    /// Comments, variables, and a script of JetBrains, `< {% … %}`.
    void skip_preamble() {
        for (; at_ < lines_.size(); ++at_) {
            if (line().starts_with("< {%")) {
                while (at_ + 1 < lines_.size() && line().find("%}") == std::string_view::npos)
                    ++at_;
                note("a script before the request is not run");
                continue;
            }
            if (!trimmed(line()).empty() && !is_comment(line()) && !is_definition(line())) return;
        }
    }

    bool read_request_line() {
        std::string_view first = trimmed(line());
        ++at_;
        const std::size_t space = first.find(' ');
        if (space != std::string_view::npos && is_method(first.substr(0, space))) {
            request_.method = first.substr(0, space);
            first = trimmed(first.substr(space));
        }
        std::string url(first);
        // The query may go on in lines of its own.
        while (at_ < lines_.size() && (line().starts_with(' ') || line().starts_with('\t')) &&
               !trimmed(line()).empty())
            url += trimmed(lines_[at_++]);
        url.resize(std::min(url.rfind(" HTTP/"), url.size()));
        url = std::string(trimmed(url));
        look_for_variables(url);
        if (url.starts_with('/')) {
            request_.target = url;
            return true;
        }
        const UrlParts parts = split_any_url(url);
        if (url.find("://") != std::string::npos) out_.scheme = auth::lower_case(parts.scheme);
        if (!out_.scheme.empty() && out_.scheme != "http" && out_.scheme != "https") {
            fail("the URL of the request is not http or https");
            return false;
        }
        request_.authority = parts.authority;
        request_.target = parts.target;
        return true;
    }

    void read_fields() {
        for (; at_ < lines_.size(); ++at_) {
            if (trimmed(line()).empty()) {
                ++at_;
                return;
            }
            if (is_comment(line())) continue;
            const std::size_t colon = std::min(line().find(':'), line().size());
            const std::string name(trimmed(line().substr(0, colon)));
            const std::string_view value =
                trimmed(line().substr(std::min(colon + 1, line().size())));
            look_for_variables(line());
            add_field(name, value);
        }
    }

    /// Both clients encode `Authorization: Basic KEY SECRET`, with a space or a colon.
    void add_field(const std::string& name, std::string_view value) {
        constexpr std::string_view kBasic = "basic ";
        const bool is_basic = auth::equal_ignoring_case(name, "authorization") &&
                              value.size() > kBasic.size() &&
                              auth::equal_ignoring_case(value.substr(0, kBasic.size()), kBasic);
        const std::string_view pair = is_basic ? trimmed(value.substr(kBasic.size())) : value;
        const std::size_t split = is_basic ? pair.find_first_of(" :") : std::string_view::npos;
        if (split == std::string_view::npos) {
            request_.fields.emplace_back(name, value);
            return;
        }
        request_.set_basic(std::string(pair.substr(0, split)) + ":" +
                           std::string(trimmed(pair.substr(split + 1))));
    }

    void read_body() {
        std::string body;
        for (; at_ < lines_.size(); ++at_) {
            // What is done with the answer, or where it is kept.
            const bool is_handler =
                line().starts_with("> ") || line().starts_with(">> ") || line().starts_with("<> ");
            if (is_handler) break;
            if (line().starts_with("< ") || line().starts_with("<@")) {
                note("the body is in a file that is not read: it is not judged");
                request_.lacks_body = true;
            }
            look_for_variables(line());
            body.append(line()).append("\n");
        }
        const std::size_t end = body.find_last_not_of("\n");
        if (end == std::string::npos) return;
        body.resize(end + 1);
        if (!request_.has("Content-Length"))
            note("the body is taken without the line ends behind it, its own line ends as LF");
        request_.body = std::move(body);
    }

    Lines lines_;
    std::size_t at_ = 0;
    bool has_variable_ = false;
    RequestText request_;
    PastedRequest& out_;
};

}  // namespace

PastedRequest read_http_file(std::string_view text) {
    PastedRequest out;
    out.format = PastedFormat::http_file;
    if (text.size() > kMaxCommandBytes) {
        out.error = "the file is longer than 4 MiB";
        return out;
    }
    std::size_t count = 0;
    Lines lines = first_request(lines_of(text), count);
    const auto first = std::find_if(lines.begin(), lines.end(), [](std::string_view line) {
        return !trimmed(line).empty() && !is_comment(line);
    });
    if (first != lines.end() && first->starts_with("curl ")) {
        const auto start = static_cast<std::size_t>(first->data() - text.data());
        const std::string_view last = lines.back();
        out = read_curl_command(text.substr(
            start, static_cast<std::size_t>(last.data() + last.size() - first->data())));
        out.format = PastedFormat::http_file;
    } else {
        HttpFileReader(std::move(lines), out).read();
    }
    if (count > 1)
        out.notes.push_back("the file has " + std::to_string(count) +
                            " requests: the first one is judged");
    return out;
}

}  // namespace kwikgate::gateway
