#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "auth/signature/bounded_text.hpp"

namespace kwikgate::auth {

enum class ItemType : std::uint8_t {
    integer,
    decimal,
    string,
    token,
    byte_sequence,
    boolean,
    date,
    display_string,
};

/// A value without parameters, checked but not decoded. **Borrows** the field value.
struct BareItem {
    ItemType type = ItemType::boolean;
    std::int64_t number = 0;  ///< Integer and date; decimal in thousandths; boolean 0 or 1.
    /// What stands between the delimiters of a string (backslashes kept; the spelling of a string
    /// is unique, so raw text can be compared), a token, the base64 of a byte sequence (padded or
    /// not), the
    /// percent-encoded text of a display string.
    std::string_view raw;
};

struct FieldParameter {
    std::string_view key;
    BareItem value;
};

/// Reads one line of a structured field, piece by piece, without copying or allocating. The caller
/// asks for what it expects; anything else sets `failed`, and then every call returns false.
/// Duplicate keys are the caller's to judge. **Cost**: one pass. **Spec**: RFC 9651, 4.2.
///
///     list and dictionary: start(); while (more()) { [key;] member }; finished()
///     a member: open_list() ? { while (next_in_list(item)) parameters } : bare_item(item);
///     parameters parameters: while (next_parameter(p)) ...
class FieldParser {
  public:
    explicit FieldParser(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

    bool failed() const { return failed_; }
    /// Skips leading spaces.
    void start();
    /// True while another member of a list or dictionary follows; takes the comma between two.
    bool more();
    /// Nothing is left but spaces, and nothing failed.
    bool finished();

    bool key(std::string_view& out);
    /// Takes the "=" after a dictionary key, if there is one: without it the value is Boolean true.
    bool equals();
    bool bare_item(BareItem& out);
    bool next_parameter(FieldParameter& out);
    /// Takes "(", if the member is an inner list.
    bool open_list();
    /// The next item of an inner list; false at the ")" or on failure. Read its parameters before
    /// the next.
    bool next_in_list(BareItem& out);

    /// Where the parser stands: to read a member again, or to cut it out.
    const char* position() const { return at_; }
    /// Stands at an earlier position again; a failure since is forgotten.
    void rewind(const char* position) {
        at_ = position;
        failed_ = false;
    }
    /// Reads past the value of a member with its parameters.
    bool skip_member();
    /// Reads past all that follows the key of a member of a dictionary, and cuts it out.
    std::string_view rest_of_member();

  private:
    bool fail() {
        failed_ = true;
        return false;
    }
    void skip_spaces();
    bool number(BareItem& out, bool is_date);
    bool string(BareItem& out);
    bool byte_sequence(BareItem& out);
    bool display_string(BareItem& out);

    const char* at_;
    const char* end_;
    bool failed_ = false;
    bool after_member_ = false;
    bool list_has_item_ = false;
};

/// Serialise values; each returns false for one that has no serialisation and then writes nothing.
bool write_key(std::string_view key, BoundedText& out);
bool write_token(std::string_view token, BoundedText& out);
bool write_string(std::string_view text, BoundedText& out);  ///< Printable ASCII.
bool write_integer(std::int64_t value, BoundedText& out);    ///< At most 15 digits.
bool write_decimal(double value, BoundedText& out);          ///< Rounded half to even.
bool write_decimal_thousandths(std::int64_t value, BoundedText& out);
bool write_date(std::int64_t seconds, BoundedText& out);
bool write_display_string(std::string_view utf8, BoundedText& out);
void write_byte_sequence(std::span<const std::uint8_t> bytes, BoundedText& out);
void write_boolean(bool value, BoundedText& out);
/// A parsed item in its canonical spelling.
void write_bare_item(const BareItem& item, BoundedText& out);
/// ";key" or ";key=value".
void write_parameter(const FieldParameter& parameter, BoundedText& out);

/// Decodes a parsed string or display string. False when it does not fit.
bool decode_text(const BareItem& item, BoundedText& out);

}  // namespace kwikgate::auth
