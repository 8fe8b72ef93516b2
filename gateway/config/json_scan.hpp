#pragma once

#include <string_view>

#include "gateway/config/json_document.hpp"

namespace kwikgate::gateway {

/// Where the values and names of a JSON text stand, and where a wrong one breaks: what simdjson
/// does not tell. Makes kinds, offsets and structure only; the values come from simdjson.
class JsonScan {
  public:
    explicit JsonScan(std::string_view text) : text_(text) {}

    /// False: `fault` says where and why.
    bool run(JsonValue& root);
    const JsonFault& fault() const { return fault_; }

  private:
    bool scan_value(JsonValue& value, std::size_t depth);
    bool scan_object(JsonValue& value, std::size_t depth);
    bool scan_array(JsonValue& value, std::size_t depth);
    bool scan_string();
    bool scan_escape();
    bool scan_hex4(unsigned& unit);
    bool scan_number(JsonValue& value);
    bool scan_digits();
    bool scan_word(std::string_view word);
    bool scan_separator(char close, bool& is_done);
    void skip_space();
    bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
    bool fail(std::size_t offset, std::string_view message, std::string_view hint = {});

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    JsonFault fault_;
};

/// Offset of the first byte that is not UTF-8 (RFC 3629); the size when all is.
std::size_t find_invalid_utf8(std::string_view text);

}  // namespace kwikgate::gateway
