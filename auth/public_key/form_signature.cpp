#include "auth/public_key/form_signature.hpp"

#include <algorithm>

#include "auth/ascii.hpp"
#include "auth/signature/sha2.hpp"

namespace kwikgate::auth {
namespace {

/// Encodes into a small buffer and hashes it when full: a form of any size takes no memory.
class EncodedHash {
  public:
    explicit EncodedHash(const HmacKey& key) : hmac_(key.expose()) {}

    void put(char c) {
        if (size_ == buffer_.size()) flush();
        buffer_[size_++] = c;
    }
    void put(FormText text) {
        TextBytes bytes(text);
        std::uint8_t byte = 0;
        while (bytes.next(byte)) {
            const char c = static_cast<char>(byte);
            if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
                put(c);
                continue;
            }
            put('%');
            put(kUpperHex[byte >> 4]);
            put(kUpperHex[byte & 0x0f]);
        }
    }
    FormMac finish() {
        flush();
        FormMac mac;
        hmac_.finish(mac);
        return mac;
    }

  private:
    void flush() {
        hmac_.update(std::string_view(buffer_.data(), size_));
        size_ = 0;
    }
    HmacSha256 hmac_;
    std::array<char, 1024> buffer_;
    std::size_t size_ = 0;
};

}  // namespace

SortedFields sort_fields(const FormFields& form) {
    SortedFields sorted;
    const auto begin = sorted.order.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(form.count);
    for (std::size_t i = 0; i < form.count; ++i) sorted.order[i] = static_cast<std::uint8_t>(i);
    std::sort(begin, end, [&](std::uint8_t a, std::uint8_t b) {
        return compare_text(form.fields[a].name, form.fields[b].name) < 0;
    });
    sorted.has_duplicate = std::adjacent_find(begin, end, [&](std::uint8_t a, std::uint8_t b) {
                               return compare_text(form.fields[a].name, form.fields[b].name) == 0;
                           }) != end;
    return sorted;
}

FormMac form_mac(const FormFields& form, const SortedFields& sorted, const HmacKey& key) {
    EncodedHash hash(key);
    bool first = true;
    for (std::size_t i = 0; i < form.count; ++i) {
        const FormField& field = form.fields[sorted.order[i]];
        if (text_equals(field.name, "signature")) continue;
        if (!first) hash.put('&');
        first = false;
        hash.put(field.name);
        hash.put('=');
        hash.put(field.value);
    }
    return hash.finish();
}

bool read_form_mac(FormText text, FormMac& out) {
    std::array<char, 256> memory;
    std::string_view digits;
    if (!decode_text(text, memory, digits) || digits.size() != out.size() * 2) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int byte = hex_pair(digits[2 * i], digits[2 * i + 1]);
        if (byte < 0) return false;
        out[i] = static_cast<std::uint8_t>(byte);
    }
    return true;
}

}  // namespace kwikgate::auth
