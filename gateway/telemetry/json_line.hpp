#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

namespace kwikgate::gateway {

/// Appends one flat JSON object to a string, field by field. Keys are literals that need no
/// escaping; values are escaped, and bytes that are not ASCII are replaced, so that the line is
/// valid whatever a client sent. The line is put together on the stack. **Cost**: allocates only
/// while the string grows.
class JsonLine {
  public:
    explicit JsonLine(std::string& out) : out_(out) { put("{"); }
    void text(std::string_view key, std::string_view value);
    /// A value of the program's own, which is known to need no escaping.
    void word(std::string_view key, std::string_view value) {
        begin(key);
        put("\"");
        put(value);
        put("\"");
    }
    template <std::integral Number>
    void number(std::string_view key, Number value) {
        begin(key);
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value);
        put({digits, static_cast<std::size_t>(end.ptr - digits)});
    }
    void boolean(std::string_view key, bool value) {
        begin(key);
        put(value ? "true" : "false");
    }
    void end() {
        put("}\n");
        spill();
    }

  private:
    void begin(std::string_view key) {
        put(is_first_ ? "\"" : ",\"");
        is_first_ = false;
        put(key);
        put("\":");
    }
    void put(std::string_view bytes) {
        if (bytes.size() > buffer_.size() - size_) {
            spill();
            if (bytes.size() > buffer_.size()) {
                out_.append(bytes);
                return;
            }
        }
        if (!bytes.empty()) std::memcpy(buffer_.data() + size_, bytes.data(), bytes.size());
        size_ += bytes.size();
    }
    void spill() {
        out_.append(buffer_.data(), size_);
        size_ = 0;
    }
    std::string& out_;
    std::array<char, 1024> buffer_;
    std::size_t size_ = 0;
    bool is_first_ = true;
};

}  // namespace kwikgate::gateway
