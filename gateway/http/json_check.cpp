#include "gateway/http/json_check.hpp"

#include <simdjson.h>
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>

#include "auth/ascii.hpp"
#include "auth/utf8.hpp"

namespace kwikgate::gateway::http {
namespace {

/// A character of a string that needs no closer look: no quote, no backslash, no control character,
/// no byte of a longer character.
constexpr bool is_plain(char c) {
    static_assert(std::is_signed_v<char>, "bytes of longer characters are negative");
    return c >= 0x20 && c != '"' && c != '\\';
}

/// What is open: a bit for each level, set for an object.
class Nesting {
  public:
    bool push(bool is_object) {
        if (depth_ == kMaxJsonNesting) return false;
        std::uint64_t& word = bits_[depth_ / 64];
        const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
        word = is_object ? word | bit : word & ~bit;
        ++depth_;
        return true;
    }
    void pop() { --depth_; }
    bool is_empty() const { return depth_ == 0; }
    bool is_in_object() const { return (bits_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1) != 0; }

  private:
    std::array<std::uint64_t, kMaxJsonNesting / 64> bits_{};
    std::size_t depth_ = 0;
};

class Scan {
  public:
    explicit Scan(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    bool run() {
        bool is_value_due = true;
        for (;;) {
            skip_space();
            if (is_value_due) {
                if (!begin_value(is_value_due)) return false;
            } else if (open_.is_empty()) {
                return at_ == end_;
            } else if (!end_value(is_value_due)) {
                return false;
            }
        }
    }

  private:
    /// One value, or the start of one. `is_value_due`: another value follows at once.
    bool begin_value(bool& is_value_due) {
        if (at_ == end_) return false;
        is_value_due = false;
        switch (*at_) {
            case '{':
                return open_.push(true) && begin_object(is_value_due);
            case '[':
                return open_.push(false) && begin_array(is_value_due);
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

    bool begin_array(bool& is_value_due) {
        ++at_;
        skip_space();
        is_value_due = !take(']');
        if (!is_value_due) open_.pop();
        return true;
    }

    bool begin_object(bool& is_value_due) {
        ++at_;
        skip_space();
        if (take('}')) {
            open_.pop();
            return true;
        }
        is_value_due = true;
        return name();
    }

    /// What stands behind a value inside an array or an object.
    bool end_value(bool& is_value_due) {
        const bool is_object = open_.is_in_object();
        if (take(is_object ? '}' : ']')) {
            open_.pop();
            return true;
        }
        if (!take(',')) return false;
        is_value_due = true;
        if (!is_object) return true;
        skip_space();
        return name();
    }

    /// The name of a member and its colon.
    bool name() {
        if (at_ == end_ || *at_ != '"' || !string()) return false;
        skip_space();
        return take(':');
    }

    bool string() {
        ++at_;
        for (;;) {
            while (at_ != end_ && is_plain(*at_)) ++at_;
            if (at_ == end_) return false;
            if (take('"')) return true;
            const char c = *at_;
            if (c >= 0 && c < 0x20) return false;
            if (c == '\\' ? !escape() : !characters()) return false;
        }
    }

    /// Characters of more than one byte, as many as stand in a row (RFC 3629).
    bool characters() {
        auth::Utf8Check check;
        while (at_ != end_ && *at_ < 0) {
            if (!check.feed(static_cast<std::uint8_t>(*at_))) return false;
            ++at_;
        }
        return check.complete();
    }

    bool escape() {
        ++at_;
        if (at_ == end_) return false;
        const char c = *at_++;
        if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
        // Half of a pair is within the grammar (RFC 8259, 8.2).
        for (int i = 0; i < 4; ++i)
            if (at_ == end_ || auth::hex_value(*at_++) < 0) return false;
        return true;
    }

    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            return digits();
        }
        return true;
    }

    bool digits() {
        const char* const begin = at_;
        while (at_ != end_ && auth::is_digit(*at_)) ++at_;
        return at_ != begin;
    }

    bool word(std::string_view text) {
        if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text))
            return false;
        at_ += text.size();
        return true;
    }

    bool take(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }

    void skip_space() {
        while (at_ != end_ && *at_ <= ' ' &&
               (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
            ++at_;
    }

    const char* at_;
    const char* end_;
    Nesting open_;
};

}  // namespace

struct JsonCheck::State {
    simdjson::dom::parser parser;
    std::string padded;
};

JsonCheck::JsonCheck() : state_(std::make_unique<State>()) {}

JsonCheck::~JsonCheck() = default;

bool JsonCheck::is_valid(std::string_view body) {
    // Some versions of simdjson skip a byte order mark.
    if (body.empty() || body.front() == '\xef') return false;
    std::string& padded = state_->padded;
    padded.assign(body);
    padded.append(simdjson::SIMDJSON_PADDING, '\0');
    simdjson::dom::element value;
    const auto error = state_->parser.parse(padded.data(), body.size(), false).get(value);
    // What it takes is JSON. It refuses more than the grammar does: numbers that do not fit.
    return error == simdjson::SUCCESS || is_json(body);
}

bool is_json(std::string_view text) {
    return Scan(text).run();
}

}  // namespace kwikgate::gateway::http
