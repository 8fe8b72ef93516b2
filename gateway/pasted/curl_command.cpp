#include <algorithm>
#include <array>

#include "auth/ascii.hpp"
#include "gateway/pasted/curl_options.hpp"
#include "gateway/pasted/pasted_request.hpp"
#include "gateway/pasted/request_text.hpp"
#include "gateway/pasted/shell_words.hpp"
#include "gateway/pasted/url_text.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

/// The words of one curl command, from the first one behind "curl" on.
class CurlReader {
  public:
    explicit CurlReader(const ShellCommand& words, std::size_t first) : words_(words), at_(first) {}

    PastedRequest read() {
        out_.format = PastedFormat::curl_command;
        while (at_ < words_.size() && out_.error.empty() && !is_over_) {
            const ShellWord& word = words_[at_++];
            if (only_urls_ || word.text.size() < 2 || word.text[0] != '-') {
                set(CurlOption::url, word);
            } else if (word.text == "--") {
                only_urls_ = true;
            } else if (word.text[1] == '-') {
                long_option(std::string_view(word.text).substr(2));
            } else {
                short_options(word);
            }
        }
        if (out_.error.empty()) finish();
        return std::move(out_);
    }

  private:
    void fail(std::string error) { out_.error = std::move(error); }
    void note(std::string text) { out_.notes.push_back(std::move(text)); }

    void long_option(std::string_view name) {
        const CurlOption option = curl_option(name);
        if (option == CurlOption::unknown) {
            const bool is_name = name.size() <= 40 &&
                                 name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") ==
                                     std::string::npos;
            return fail(is_name ? "the curl option --" + std::string(name) + " is not known here"
                                : "an option of curl is not known here");
        }
        take(option, "--" + std::string(name));
    }

    /// `-sSvX POST`, `-XPOST`: letters up to the first one with an argument.
    void short_options(const ShellWord& word) {
        for (std::size_t i = 1; i < word.text.size() && out_.error.empty(); ++i) {
            const char letter = word.text[i];
            const CurlOption option = curl_option(letter);
            const std::string name = std::string("-") + letter;
            if (option == CurlOption::unknown)
                return fail(auth::is_alphanumeric(letter)
                                ? "the curl option " + name + " is not known here"
                                : "an option of curl is not known here");
            if (takes_argument(option) && i + 1 < word.text.size())
                return set(option, {word.text.substr(i + 1), word.is_expanded});
            take(option, name);
        }
    }

    void take(CurlOption option, const std::string& name) {
        if (!takes_argument(option)) return set(option, {});
        if (at_ == words_.size()) return fail("the curl option " + name + " lacks its value");
        set(option, words_[at_++]);
    }

    void set(CurlOption option, const ShellWord& word) {
        const bool matters =
            option != CurlOption::ignored_argument && option != CurlOption::other_scheme_argument;
        if (matters && word.is_expanded)
            return fail(
                "the command has a variable or a command of the shell ($... or `...`), whose value "
                "is not in what was pasted: write the value in, or paste the output of curl -v");
        const std::string& text = word.text;
        switch (option) {
            case CurlOption::url:
                return set_url(text);
            case CurlOption::request:
                method_ = text;
                break;
            case CurlOption::header:
                return set_header(text);
            case CurlOption::data:
            case CurlOption::data_binary:
                return add_data(text, text.starts_with('@'));
            case CurlOption::data_raw:
                return add_data(text, false);
            case CurlOption::data_urlencode:
                return add_encoded(text);
            case CurlOption::json:
                is_json_ = true;
                return add_data(text, text.starts_with('@'));
            case CurlOption::url_query:
                add_query(text.starts_with('+') ? text.substr(1) : encoded_pair(text));
                break;
            case CurlOption::user:
                user_ = text;
                has_user_ = true;
                break;
            case CurlOption::bearer:
                bearer_ = text;
                break;
            case CurlOption::user_agent:
                defaults_.emplace_back("User-Agent", text);
                break;
            case CurlOption::referer:
                defaults_.emplace_back("Referer", text);
                break;
            case CurlOption::range:
                defaults_.emplace_back("Range", "bytes=" + text);
                break;
            case CurlOption::cookie:
                return set_cookie(text);
            default:
                set_flag(option);
        }
    }

    void set_flag(CurlOption option) {
        switch (option) {
            case CurlOption::head:
                is_head_ = true;
                break;
            case CurlOption::get:
                is_get_ = true;
                break;
            case CurlOption::compressed:
                defaults_.emplace_back("Accept-Encoding", "deflate, gzip, br, zstd");
                break;
            case CurlOption::path_as_is:
                is_path_as_is_ = true;
                break;
            case CurlOption::globoff:
                is_globbing_ = false;
                break;
            case CurlOption::form:
                is_form_ = true;
                break;
            case CurlOption::upload:
                is_upload_ = true;
                break;
            case CurlOption::next:
                is_over_ = true;
                note("the command has more than one request (--next): the first one is judged");
                break;
            case CurlOption::config:
                note("options in the file of --config are not read");
                break;
            case CurlOption::netrc:
                note("credentials in a .netrc file are not read");
                break;
            case CurlOption::other_scheme:
            case CurlOption::other_scheme_argument:
                note("the command authenticates in another way than Basic, which is left out");
                break;
            case CurlOption::haproxy:
                note("the PROXY line of --haproxy-protocol is left out: name the client by --peer");
                break;
            default:
                break;
        }
    }

    void set_url(const std::string& text) {
        if (has_url_) {
            if (!has_more_urls_) note("the command has more than one URL: the first one is judged");
            has_more_urls_ = true;
            return;
        }
        has_url_ = true;
        url_ = text;
    }

    void set_header(const std::string& text) {
        if (text.starts_with('@')) return note("the fields in the file of --header are not read");
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) {
            if (text.ends_with(';'))
                request_.fields.emplace_back(text.substr(0, text.size() - 1), "");
            return;
        }
        const std::string name = text.substr(0, colon);
        const std::size_t start = text.find_first_not_of(" \t", colon + 1);
        if (start == std::string::npos) {
            removed_.push_back(name);
        } else {
            request_.fields.emplace_back(name, text.substr(start));
        }
    }

    void set_cookie(const std::string& text) {
        if (text.find('=') == std::string::npos)
            return note("the cookies in the file of --cookie are not read");
        defaults_.emplace_back("Cookie", text);
    }

    void add_data(std::string_view text, bool is_file) {
        if (is_file) {
            request_.lacks_body = true;
            text = {};
        }
        if (!request_.body) {
            request_.body.emplace(text);
            return;
        }
        if (!is_json_) *request_.body += '&';
        *request_.body += text;
    }

    static std::string encoded_pair(const std::string& text) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) return form_encoded(text);
        const std::string name = text.substr(0, equals);
        return (name.empty() ? "" : name + "=") + form_encoded(text.substr(equals + 1));
    }

    void add_encoded(const std::string& text) {
        const std::size_t at = text.find_first_of("=@");
        const bool is_file = at != std::string::npos && text[at] == '@';
        add_data(is_file ? std::string() : encoded_pair(text), is_file);
    }

    void add_query(const std::string& text) { query_ += (query_.empty() ? "" : "&") + text; }

    void finish() {
        if (!has_url_) return fail("the curl command has no URL");
        if (is_globbing_ && url_.find_first_of("{[") != std::string::npos &&
            url_.find("://[") == std::string::npos)
            note(
                "curl makes several URLs of { and [ unless it is told --globoff: the URL is taken "
                "as it is");
        const UrlParts parts = split_any_url(url_);
        out_.scheme = auth::lower_case(parts.scheme);
        if (out_.scheme != "http" && out_.scheme != "https")
            return fail("the URL of the curl command is not http or https");
        request_.authority = parts.authority;
        set_body();
        set_target(parts);
        set_method();
        set_credentials(parts);
        for (auto& [name, value] : defaults_) request_.set_default(name, std::move(value));
        request_.set_default("User-Agent", "curl");
        request_.set_default("Accept", "*/*");
        // Headers that the command takes away, among those that curl would add.
        std::erase_if(request_.fields, [&](const auto& field) {
            return std::any_of(removed_.begin(), removed_.end(), [&](const std::string& name) {
                return auth::equal_ignoring_case(name, field.first);
            });
        });
        out_.raw = request_.to_raw();
    }

    void set_body() {
        if (is_get_ && request_.body) {
            if (request_.lacks_body) note("the query is in a file of --data, which is not read");
            add_query(*request_.body);
            request_.body.reset();
            request_.lacks_body = false;
        }
        if (is_json_) {
            request_.set_default("Content-Type", "application/json");
            request_.set_default("Accept", "application/json");
        } else if (request_.body) {
            request_.set_default("Content-Type", std::string(kForm));
        }
        if (is_form_) request_.set_default("Content-Type", "multipart/form-data");
        if (is_form_ || is_upload_) request_.body.emplace();
        request_.lacks_body = request_.lacks_body || is_form_ || is_upload_;
        if (!request_.lacks_body) return;
        note(is_form_ ? "curl makes the body of --form itself: it is not judged"
                      : "the body is in a file that is not read: it is not judged");
    }

    void set_target(const UrlParts& parts) {
        std::string_view path = parts.target.substr(0, parts.target.find('?'));
        std::string query(parts.target.substr(path.size()));
        if (!query_.empty()) query += (query.empty() ? "?" : "&") + query_;
        request_.target = path.empty() ? "/" : std::string(path);
        if (!is_path_as_is_) {
            std::string plain = without_dot_segments(request_.target);
            if (plain != request_.target)
                note("curl takes the dot segments out of the path unless it is told --path-as-is");
            request_.target = std::move(plain);
        }
        request_.target += query;
    }

    void set_method() {
        request_.method = !method_.empty() ? method_
                          : is_head_       ? "HEAD"
                          : is_upload_     ? "PUT"
                          : request_.body  ? "POST"
                                           : "GET";
    }

    void set_credentials(const UrlParts& parts) {
        if (!bearer_.empty()) request_.set_default("Authorization", "Bearer " + bearer_);
        const std::string user = has_user_ ? user_ : percent_decoded(parts.user_info);
        if (user.empty()) return;
        if (user.find(':') == std::string::npos)
            note("--user has no password: curl asks for it, and here it is empty");
        request_.set_basic(user.find(':') == std::string::npos ? user + ":" : user);
    }

    const ShellCommand& words_;
    std::size_t at_;
    PastedRequest out_;
    RequestText request_;
    std::string url_, method_, user_, bearer_, query_;
    std::vector<std::pair<std::string, std::string>> defaults_;
    std::vector<std::string> removed_;
    bool has_url_ = false, has_more_urls_ = false, has_user_ = false, only_urls_ = false;
    bool is_json_ = false, is_form_ = false, is_upload_ = false, is_head_ = false, is_get_ = false;
    bool is_path_as_is_ = false, is_globbing_ = true, is_over_ = false;
};

/// The place of "curl" among the words of a command; words_.size() where it runs something else.
std::size_t curl_in(const ShellCommand& command) {
    constexpr std::array<std::string_view, 6> kBefore = {"$", "%", "sudo", "time", "env", "exec"};
    for (std::size_t i = 0; i < command.size(); ++i) {
        const std::string& word = command[i].text;
        if (word == "curl" || word == "curl.exe" || word.ends_with("/curl")) return i;
        const std::size_t equals = word.find('=');
        const bool is_assignment =
            equals != std::string::npos && equals != 0 &&
            word.substr(0, equals).find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
                std::string::npos;
        if (!is_assignment && std::find(kBefore.begin(), kBefore.end(), word) == kBefore.end())
            break;
    }
    return command.size();
}

PastedRequest not_understood(std::string error) {
    PastedRequest out;
    out.format = PastedFormat::curl_command;
    out.error = std::move(error);
    return out;
}

}  // namespace

PastedRequest read_curl_command(std::string_view text) {
    if (text.size() > kMaxCommandBytes) return not_understood("the command is longer than 4 MiB");
    if (text.find("^\n") != std::string_view::npos || text.find("^\r") != std::string_view::npos ||
        text.find("^\"") != std::string_view::npos)
        return not_understood(
            "the command is quoted for the command prompt of Windows (^): copy it for bash");
    ShellText shell = read_shell(text);
    if (!shell.error.empty()) return not_understood(shell.error);
    for (const ShellCommand& command : shell.commands) {
        const std::size_t at = curl_in(command);
        if (at < command.size()) return CurlReader(command, at + 1).read();
    }
    return not_understood(std::string(kNoCurlCommand));
}

}  // namespace kwikgate::gateway
