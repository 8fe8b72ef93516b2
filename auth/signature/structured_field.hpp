#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace kwikgate::auth {

/// Text written into memory of a fixed size that somebody else owns. Once something did not fit,
/// `overflowed` stays true and the rest is dropped.
class BoundedText {
  public:
    explicit BoundedText(std::span<char> memory) : memory_(memory) {}
    void put(char c) {
        if (size_ == memory_.size()) {
            overflowed_ = true;
        } else {
            memory_[size_++] = c;
        }
    }
    void put(std::string_view text) {
        if (text.size() > memory_.size() - size_) {
            overflowed_ = true;
        } else if (!text.empty()) {
            std::memcpy(memory_.data() + size_, text.data(), text.size());
            size_ += text.size();
        }
    }
    /// Room to write `size` characters into, or nothing when they do not fit.
    std::span<char> extend(std::size_t size);
    bool overflowed() const { return overflowed_; }
    std::string_view view() const { return {memory_.data(), size_}; }
    std::size_t size() const { return size_; }
    void truncate(std::size_t size) { size_ = size < size_ ? size : size_; }

  private:
    std::span<char> memory_;
    std::size_t size_ = 0;
    bool overflowed_ = false;
};

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
    /// is unique, so raw text can be compared), a token, the base64 of a byte sequence, the
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

enum class FieldType : std::uint8_t { item, list, dictionary };

/// The type of a registered structured field by its lower-case name; false for all other fields.
bool structured_field_type(std::string_view lower_name, FieldType& out);

/// A member of a dictionary: its key and, not yet judged, all that follows it. Borrows the line.
struct DictionaryMember {
    std::string_view key;
    std::string_view rest;
};

/// Finding duplicate keys is quadratic, so a field in canonical form is bounded.
struct CanonicalLimits {
    std::size_t max_parameters = 16;           ///< A member or item.
    std::span<DictionaryMember> members = {};  ///< Room for the members; empty: room for 64.
};

/// Writes the strict serialisation of a whole field, whose lines are combined. False when it is not
/// of that type or exceeds the limits. A key that stands twice keeps its first place and its last
/// value. An empty list or dictionary writes nothing. **Spec**: RFC 9651, 4.1.
bool write_canonical_field(FieldType type, std::span<const std::string_view> lines,
                           BoundedText& out, const CanonicalLimits& limits = {});

/// Writes the value of one member of a dictionary. False when there is none or the field is not a
/// dictionary. A key that stands twice counts by its last value.
bool write_dictionary_member(std::string_view key, std::span<const std::string_view> lines,
                             BoundedText& out);

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
