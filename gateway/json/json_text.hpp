#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::gateway {

/// `value` as a JSON string. Bytes that are not UTF-8 become U+FFFD, so that the output is always
/// JSON.
std::string json_string(std::string_view value);
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

}  // namespace kwikgate::gateway
