#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace kwikgate::gateway {

/// Appends one flat JSON object to a string, field by field. Keys are literals that need no
/// escaping; values are escaped, and bytes that are not ASCII are replaced, so that the line is
/// valid whatever a client sent. **Cost**: allocates only while the string grows.
class JsonLine {
  public:
    explicit JsonLine(std::string& out) : out_(out) { out_ += '{'; }
    void text(std::string_view key, std::string_view value);
    template <std::integral Number>
    void number(std::string_view key, Number value) {
        begin(key);
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value);
        out_.append(digits, end.ptr);
    }
    void boolean(std::string_view key, bool value) {
        begin(key);
        out_ += value ? "true" : "false";
    }
    void end() { out_ += "}\n"; }

  private:
    void begin(std::string_view key) {
        if (!is_first_) out_ += ',';
        is_first_ = false;
        out_ += '"';
        out_ += key;
        out_ += "\":";
    }
    std::string& out_;
    bool is_first_ = true;
};

}  // namespace kwikgate::gateway
