#include "auth/public_key/form_signature.hpp"

#include <optional>
#include <utility>

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

/// Sorts by multikey quicksort (Bentley and Sedgewick 1997): names are split by one byte at a time,
/// and no byte of a name is decoded or looked at twice. So names that begin alike, however long,
/// cost their own length once; a comparing sort would read them again in each comparison.
class NameSort {
  public:
    NameSort(const FormFields& form, SortedFields& sorted) : sorted_(sorted) {
        for (std::size_t i = 0; i < form.count; ++i) {
            sorted.order[i] = static_cast<std::uint8_t>(i);
            names_[i].emplace(form.fields[i].name);
            step(i);
        }
        sort(0, form.count);
    }

  private:
    static constexpr int kEnd = -1;  // Sorts before every byte.

    /// Goes to the next byte of a name.
    void step(std::size_t field) {
        std::uint8_t byte = 0;
        at_[field] = static_cast<std::int16_t>(names_[field]->next(byte) ? byte : kEnd);
    }
    int byte_at(std::size_t position) const { return at_[sorted_.order[position]]; }

    /// Sorts the names at [begin, end), which are alike up to where each of them stands.
    void sort(std::size_t begin, std::size_t end) {
        while (end - begin > 1) {
            const int pivot = byte_at(begin + (end - begin) / 2);
            std::size_t less = begin;
            std::size_t greater = end;
            for (std::size_t i = begin; i < greater;) {
                const int byte = byte_at(i);
                if (byte < pivot) {
                    std::swap(sorted_.order[less++], sorted_.order[i++]);
                } else if (byte > pivot) {
                    std::swap(sorted_.order[i], sorted_.order[--greater]);
                } else {
                    ++i;
                }
            }
            sort(begin, less);
            sort(greater, end);
            begin = less;
            end = greater;
            if (pivot == kEnd) {
                sorted_.has_duplicate = sorted_.has_duplicate || end - begin > 1;
                return;
            }
            for (std::size_t i = begin; i < end; ++i) step(sorted_.order[i]);
        }
    }

    SortedFields& sorted_;
    std::array<std::optional<TextBytes>, kMaxFormFields> names_;
    std::array<std::int16_t, kMaxFormFields> at_;
};

}  // namespace

SortedFields sort_fields(const FormFields& form) {
    SortedFields sorted;
    NameSort(form, sorted);
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
