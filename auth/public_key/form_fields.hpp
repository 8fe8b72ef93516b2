#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kwikgate::auth {

inline constexpr std::size_t kMaxFormFields = 128;

/// How a text is written in the body.
enum class TextForm : std::uint8_t {
    urlencoded,    ///< "+" and "%XX"
    json_string,   ///< Between the quotes, with backslashes.
    json_literal,  ///< A number, true, false or null: its text is its value.
};

struct FormText {
    std::string_view raw;
    TextForm form = TextForm::json_literal;
};

/// The bytes of a text, decoded one at a time. The text was checked when the fields were read.
class TextBytes {
  public:
    explicit TextBytes(FormText text) : text_(text) {}
    bool next(std::uint8_t& byte);

  private:
    bool next_escaped(std::uint8_t& byte);
    std::uint32_t hex4(std::size_t at) const;

    FormText text_;
    std::size_t at_ = 0;
    std::array<std::uint8_t, 4> pending_{};  // Of a character written as \uXXXX.
    std::size_t pending_at_ = 0;
    std::size_t pending_end_ = 0;
};

/// Order of the decoded bytes.
std::strong_ordering compare_text(FormText a, FormText b);
bool text_equals(FormText text, std::string_view plain);
/// Decodes into `memory`; false when it does not fit.
bool decode_text(FormText text, std::array<char, 256>& memory, std::string_view& out);

struct FormField {
    FormText name;
    FormText value;
};

/// The fields of a form in the order of the body. **Borrows** the body.
struct FormFields {
    std::array<FormField, kMaxFormFields> fields;
    std::size_t count = 0;
};

/// Reads `a=1&b=2`. False for a percent sign without two digits and beyond `kMaxFormFields`.
/// Empty pieces between "&" are skipped. **Spec**: WHATWG URL, 5.1, but strict.
bool read_urlencoded(std::string_view body, FormFields& out);

/// Reads one flat JSON object: strings, numbers, true, false, null; false for everything else,
/// nested values among them, for text that is not UTF-8, and beyond `kMaxFormFields`. Total on any
/// bytes, one pass, no allocation, no recursion. **Spec**: RFC 8259.
bool read_flat_json(std::string_view body, FormFields& out);

}  // namespace kwikgate::auth
