#include "auth/public_key/form_fields.hpp"

#include "auth/ascii.hpp"
#include "auth/signature/form_text.hpp"

namespace kwikgate::auth {
namespace {

bool has_good_escapes(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') continue;
        if (text.size() - i < 3 || hex_pair(text[i + 1], text[i + 2]) < 0) return false;
        i += 2;
    }
    return true;
}

}  // namespace

bool TextBytes::next(std::uint8_t& byte) {
    if (pending_at_ < pending_end_) {
        byte = pending_[pending_at_++];
        return true;
    }
    if (at_ >= text_.raw.size()) return false;
    const char c = text_.raw[at_];
    if (text_.form == TextForm::urlencoded && c == '%' && text_.raw.size() - at_ > 2) {
        byte = static_cast<std::uint8_t>(hex_pair(text_.raw[at_ + 1], text_.raw[at_ + 2]));
        at_ += 3;
        return true;
    }
    if (text_.form == TextForm::json_string && c == '\\') return next_escaped(byte);
    ++at_;
    byte = static_cast<std::uint8_t>(text_.form == TextForm::urlencoded && c == '+' ? ' ' : c);
    return true;
}

std::uint32_t TextBytes::hex4(std::size_t at) const {
    if (text_.raw.size() < at + 4) return 0;
    const int high = hex_pair(text_.raw[at], text_.raw[at + 1]);
    const int low = hex_pair(text_.raw[at + 2], text_.raw[at + 3]);
    return static_cast<std::uint32_t>(high * 256 + low);
}

bool TextBytes::next_escaped(std::uint8_t& byte) {
    const char kind = at_ + 1 < text_.raw.size() ? text_.raw[at_ + 1] : '\\';
    if (kind != 'u') {
        constexpr std::string_view kLetters = "bfnrt";
        constexpr std::string_view kMeant = "\b\f\n\r\t";
        const std::size_t at = kLetters.find(kind);
        byte = static_cast<std::uint8_t>(at == std::string_view::npos ? kind : kMeant[at]);
        at_ += 2;
        return true;
    }
    std::uint32_t code = hex4(at_ + 2);
    at_ += 6;
    // A surrogate alone is within the grammar (RFC 8259, 8.2) and has three bytes that no other
    // text has: two texts that differ must not be signed as one.
    const bool is_high = code >= 0xd800 && code < 0xdc00;
    if (is_high && text_.raw.substr(at_, 2) == "\\u") {
        const std::uint32_t low = hex4(at_ + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            at_ += 6;
        }
    }
    const auto tail = [&](unsigned shift) {
        return static_cast<std::uint8_t>(0x80 | (code >> shift & 0x3f));
    };
    pending_at_ = 1;
    if (code < 0x80) {
        pending_ = {static_cast<std::uint8_t>(code)};
        pending_end_ = 1;
    } else if (code < 0x800) {
        pending_ = {static_cast<std::uint8_t>(0xc0 | code >> 6), tail(0)};
        pending_end_ = 2;
    } else if (code < 0x10000) {
        pending_ = {static_cast<std::uint8_t>(0xe0 | code >> 12), tail(6), tail(0)};
        pending_end_ = 3;
    } else {
        pending_ = {static_cast<std::uint8_t>(0xf0 | (code >> 18 & 0x07)), tail(12), tail(6),
                    tail(0)};
        pending_end_ = 4;
    }
    byte = pending_[0];
    return true;
}

std::strong_ordering compare_text(FormText a, FormText b) {
    TextBytes left(a);
    TextBytes right(b);
    for (;;) {
        std::uint8_t l = 0;
        std::uint8_t r = 0;
        const bool has_left = left.next(l);
        const bool has_right = right.next(r);
        if (!has_left || !has_right) return has_left <=> has_right;
        if (l != r) return l <=> r;
    }
}

bool text_equals(FormText text, std::string_view plain) {
    return compare_text(text, FormText{plain, TextForm::json_literal}) == 0;
}

bool decode_text(FormText text, std::array<char, 256>& memory, std::string_view& out) {
    TextBytes bytes(text);
    std::size_t size = 0;
    std::uint8_t byte = 0;
    while (bytes.next(byte)) {
        if (size == memory.size()) return false;
        memory[size++] = static_cast<char>(byte);
    }
    out = std::string_view(memory.data(), size);
    return true;
}

bool read_urlencoded(std::string_view body, FormFields& out) {
    out.count = 0;
    if (!has_good_escapes(body)) return false;
    FormPairs pairs(body);
    FormPair pair;
    while (pairs.next(pair)) {
        if (out.count == kMaxFormFields) return false;
        out.fields[out.count++] = FormField{FormText{pair.name, TextForm::urlencoded},
                                            FormText{pair.value, TextForm::urlencoded}};
    }
    return true;
}

}  // namespace kwikgate::auth
