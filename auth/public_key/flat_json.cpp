// A scanner for one flat JSON object. `auth` sees no JSON library, and a browser's form needs no
// more.

#include "auth/ascii.hpp"
#include "auth/public_key/form_fields.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::auth {
namespace {

class FlatJson {
  public:
    explicit FlatJson(std::string_view text) : rest_(text) {}

    bool read(FormFields& out) {
        out.count = 0;
        skip_space();
        if (!take('{')) return false;
        skip_space();
        if (!take('}') && !members(out)) return false;
        skip_space();
        return rest_.empty();
    }

  private:
    bool members(FormFields& out) {
        do {
            if (out.count == kMaxFormFields) return false;
            FormField& field = out.fields[out.count++];
            skip_space();
            if (!string(field.name)) return false;
            skip_space();
            if (!take(':')) return false;
            skip_space();
            if (!value(field.value)) return false;
            skip_space();
        } while (take(','));
        return take('}');
    }

    bool value(FormText& out) {
        if (rest_.starts_with('"')) return string(out);
        for (const std::string_view word : {"true", "false", "null"}) {
            if (!rest_.starts_with(word)) continue;
            out = FormText{rest_.substr(0, word.size()), TextForm::json_literal};
            rest_.remove_prefix(word.size());
            return true;
        }
        return number(out);
    }

    bool string(FormText& out) {
        if (!take('"')) return false;
        Utf8Check utf8;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            const char c = rest_[i];
            if (c == '"' && utf8.complete()) {
                out = FormText{rest_.substr(0, i), TextForm::json_string};
                rest_.remove_prefix(i + 1);
                return true;
            }
            if ((c >= 0 && c < 0x20) || !utf8.feed(static_cast<std::uint8_t>(c))) return false;
            if (c != '\\') continue;
            const std::size_t size = escape(rest_.substr(i));
            if (size == 0) return false;
            i += size - 1;
        }
        return false;
    }

    /// Length of the escape at the start of `text`; 0 for a bad one. Half of a surrogate pair is
    /// within the grammar (RFC 8259, 8.2).
    static std::size_t escape(std::string_view text) {
        if (text.size() < 2) return 0;
        if (text[1] != 'u')
            return std::string_view("\"\\/bfnrt").find(text[1]) == std::string_view::npos ? 0 : 2;
        const bool is_unit =
            text.size() >= 6 && hex_pair(text[2], text[3]) >= 0 && hex_pair(text[4], text[5]) >= 0;
        return is_unit ? 6 : 0;
    }

    bool number(FormText& out) {
        const std::string_view begin = rest_;
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (!digits()) return false;
        }
        out = FormText{begin.substr(0, begin.size() - rest_.size()), TextForm::json_literal};
        return true;
    }

    bool digits() {
        std::size_t count = 0;
        while (count < rest_.size() && is_digit(rest_[count])) ++count;
        rest_.remove_prefix(count);
        return count > 0;
    }

    void skip_space() {
        while (!rest_.empty() &&
               (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n' || rest_[0] == '\r'))
            rest_.remove_prefix(1);
    }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::string_view rest_;
};

}  // namespace

bool read_flat_json(std::string_view body, FormFields& out) {
    return FlatJson(body).read(out);
}

}  // namespace kwikgate::auth
