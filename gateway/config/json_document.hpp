#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::gateway {

enum class JsonKind : std::uint8_t { null, boolean, integer, real, string, array, object };

/// "an object", "a string" …: for messages.
std::string_view with_article(JsonKind kind);

struct JsonMember;

/// A JSON value that knows where it stands.
struct JsonValue {
    JsonKind kind = JsonKind::null;
    std::size_t offset = 0;        ///< Of its first byte.
    bool boolean = false;          ///< When `kind` is boolean.
    std::int64_t integer = 0;      ///< When `kind` is integer; the nearest one when out of range.
    std::string text;              ///< When `kind` is string: decoded, UTF-8.
    std::vector<JsonValue> items;  ///< When `kind` is array.
    std::vector<JsonMember> members;  ///< When `kind` is object: in file order, duplicates too.

    /// The first member of that name, or nullptr.
    const JsonValue* find(std::string_view name) const;
};

struct JsonMember {
    std::string name;
    std::size_t offset = 0;  ///< Of the name's opening quote.
    JsonValue value;
};

/// One thing wrong with a text as JSON.
struct JsonFault {
    std::size_t offset = 0;
    std::string pointer;
    std::string message;
    std::string hint;
};

struct TextLocation {
    std::size_t line = 1;    ///< From 1.
    std::size_t column = 1;  ///< From 1, in bytes.
};

/// A strict JSON text (RFC 8259) as a tree with locations, for configuration files. simdjson judges
/// the text and converts the values; a scan beside it finds where they stand. Refused: more than
/// `kMaxJsonBytes`, `kMaxJsonDepth` or `kMaxJsonValues`, invalid UTF-8, a byte order mark, a member
/// name twice in one object (reported, all of them; the tree is kept).
class JsonDocument {
  public:
    explicit JsonDocument(std::string text);

    /// nullptr when the text is not JSON.
    const JsonValue* root() const { return is_json_ ? &root_ : nullptr; }
    const std::vector<JsonFault>& faults() const { return faults_; }
    TextLocation locate(std::size_t offset) const;

  private:
    void parse();
    void find_duplicates(const JsonValue& value, const std::string& pointer);

    std::string text_;
    std::vector<std::size_t> line_starts_;
    JsonValue root_;
    bool is_json_ = false;
    std::vector<JsonFault> faults_;
};

inline constexpr std::size_t kMaxJsonBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxJsonDepth = 32;
inline constexpr std::size_t kMaxJsonValues = 1'000'000;

/// `pointer` extended by one reference token (RFC 6901, section 3).
std::string extend_pointer(const std::string& pointer, std::string_view token);

/// `text` between quotes on one line, shortened, for messages.
std::string quote(std::string_view text);

}  // namespace kwikgate::gateway
