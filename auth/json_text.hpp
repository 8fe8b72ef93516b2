#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// JSON (RFC 8259) as everything here writes it: errors, audit entries, spans, the admin API and
/// the command line.
namespace kwikgate::auth {

/// Appends `text` as a JSON string with its quotes. Control bytes and DEL are escaped; bytes that
/// are not UTF-8 become U+FFFD, one each, so that the output is always JSON.
/// **Cost**: allocates only while `out` grows.
void append_json_string(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

/// Builds one JSON array, items in the order of the calls.
class JsonArray {
  public:
    /// `json` must be JSON already.
    JsonArray& add(std::string_view json);
    bool is_empty() const { return out_.size() == 1; }
    std::string to_string() const { return out_ + "]"; }

  private:
    std::string out_ = "[";
};

/// A JSON array of what `write` makes of each item; it must be JSON already.
template <class Items, class Write>
std::string json_array(const Items& items, Write&& write) {
    JsonArray array;
    for (const auto& item : items) array.add(write(item));
    return array.to_string();
}
std::string json_array(const std::vector<std::string>& values);  ///< Of strings.

/// Builds one JSON object, members in the order of the calls.
class JsonObject {
  public:
    JsonObject& text(std::string_view key, std::string_view value);
    JsonObject& text_or_null(std::string_view key, std::string_view value);  ///< Empty: null.
    JsonObject& number(std::string_view key, std::uint64_t value);
    JsonObject& boolean(std::string_view key, bool value);
    JsonObject& null(std::string_view key);
    JsonObject& texts(std::string_view key, const std::vector<std::string>& values);
    /// `json` must be JSON already.
    JsonObject& raw(std::string_view key, std::string_view json);
    std::string to_string() const { return out_ + "}"; }

  private:
    std::string out_ = "{";
};

}  // namespace kwikgate::auth
