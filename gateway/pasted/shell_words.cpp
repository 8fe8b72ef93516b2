#include "gateway/pasted/shell_words.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "auth/ascii.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::size_t kMaxWords = 4096;

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0U | code >> 6U);
        put(0x80U | (code & 0x3fU));
    } else if (code < 0x10000) {
        put(0xe0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3fU));
        put(0x80U | (code & 0x3fU));
    } else {
        put(0xf0U | (code >> 18U & 7U));
        put(0x80U | (code >> 12U & 0x3fU));
        put(0x80U | (code >> 6U & 0x3fU));
        put(0x80U | (code & 0x3fU));
    }
}

class ShellReader {
  public:
    explicit ShellReader(std::string_view text) : text_(text) {}

    ShellText read() {
        while (at_ < text_.size() && out_.error.empty()) step();
        end_command();
        return std::move(out_);
    }

  private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    void step() {
        const char c = peek();
        switch (c) {
            case ' ':
            case '\t':
            case '\r':
                ++at_;
                end_word();
                break;
            case '\n':
            case ';':
            case '&':
            case '|':
                ++at_;
                end_command();
                break;
            case '<':
            case '>':
                redirect();
                break;
            case '#':
                if (is_in_word_) {
                    put(c);
                } else {
                    at_ = std::min(text_.find('\n', at_), text_.size());
                }
                break;
            default:
                part(c);
        }
    }

    void part(char c) {
        if (c == '\'') {
            single_quotes();
        } else if (c == '"') {
            double_quotes();
        } else if (c == '\\') {
            escape();
        } else if (c == '$' && peek(1) == '\'') {
            ansi_quotes();
        } else if (c == '$' && peek(1) == '"') {
            ++at_;  // A translated string: without a catalogue it is the text itself.
        } else {
            note_expansion(c);
            put(c);
        }
    }

    void put(char c) {
        is_in_word_ = true;
        word_.text += c;
        ++at_;
    }

    void note_expansion(char c) {
        const char next = peek(1);
        const bool is_variable = c == '$' && (auth::is_alphanumeric(next) || next == '_' ||
                                              next == '{' || next == '(' || next == '@');
        if (is_variable || c == '`') word_.is_expanded = true;
    }

    void end_word() {
        if (!is_in_word_) return;
        if (!skips_word_) {
            if (++words_ > kMaxWords) out_.error = "the command has more than 4096 words";
            command_.push_back(std::move(word_));
        }
        word_ = {};
        is_in_word_ = skips_word_ = false;
    }

    void end_command() {
        end_word();
        skips_word_ = false;
        if (!command_.empty()) out_.commands.push_back(std::move(command_));
        command_.clear();
    }

    /// `2>file`, `>&2`, `<file`: neither the number nor the file is a word of the command.
    void redirect() {
        const bool is_number =
            is_in_word_ && word_.text.find_first_not_of("0123456789") == std::string::npos;
        if (is_number) {
            word_ = {};
            is_in_word_ = false;
        }
        end_word();
        while (peek() == '<' || peek() == '>' || peek() == '&') ++at_;
        while (peek() == ' ' || peek() == '\t') ++at_;
        skips_word_ = true;
    }

    void escape() {
        ++at_;
        if (peek() == '\r' && peek(1) == '\n') ++at_;
        if (peek() == '\n') {
            ++at_;  // The line goes on.
        } else if (at_ < text_.size()) {
            put(peek());
        }
    }

    void single_quotes() {
        is_in_word_ = true;
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) return fail_quote();
        word_.text += text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
    }

    void double_quotes() {
        is_in_word_ = true;
        for (++at_; at_ < text_.size();) {
            const char c = peek();
            if (c == '"') {
                ++at_;
                return;
            }
            const char next = peek(1);
            if (c == '\\' && next == '\n') {
                at_ += 2;
            } else if (c == '\\' && (next == '\\' || next == '"' || next == '$' || next == '`')) {
                ++at_;
                put(next);
            } else {
                note_expansion(c);
                put(c);
            }
        }
        fail_quote();
    }

    void ansi_quotes() {
        is_in_word_ = true;
        for (at_ += 2; at_ < text_.size();) {
            const char c = peek();
            if (c == '\'') {
                ++at_;
                return;
            }
            if (c == '\\' && at_ + 1 < text_.size()) {
                ++at_;
                ansi_escape();
            } else {
                put(c);
            }
        }
        fail_quote();
    }

    void ansi_escape() {
        constexpr std::string_view kNames = "abefnrtv\\'\"?E";
        constexpr std::string_view kValues = "\a\b\x1b\f\n\r\t\v\\'\"?\x1b";
        const char c = peek();
        if (const std::size_t known = kNames.find(c); known != std::string_view::npos) {
            ++at_;
            word_.text += kValues[known];
        } else if (c == 'x') {
            ++at_;
            word_.text += static_cast<char>(digits(16, 2));
        } else if (c == 'u' || c == 'U') {
            ++at_;
            append_utf8(word_.text, digits(16, c == 'u' ? 4 : 8));
        } else if (c >= '0' && c <= '7') {
            word_.text += static_cast<char>(digits(8, 3));
        } else {
            word_.text += '\\';
            put(c);
        }
    }

    std::uint32_t digits(std::uint32_t base, int most) {
        std::uint32_t value = 0;
        for (; most > 0; --most, ++at_) {
            const int digit = auth::hex_value(peek());
            if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) break;
            value = value * base + static_cast<std::uint32_t>(digit);
        }
        return value;
    }

    void fail_quote() {
        out_.error = "a quote of the command is not closed";
        at_ = text_.size();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t words_ = 0;
    ShellWord word_;
    bool is_in_word_ = false;
    bool skips_word_ = false;
    ShellCommand command_;
    ShellText out_;
};

}  // namespace

ShellText read_shell(std::string_view text) {
    return ShellReader(text).read();
}

}  // namespace kwikgate::gateway
