#pragma once

#include <cstdint>
#include <string_view>

#include "auth/ascii.hpp"

namespace kwikgate::auth {

/// The bytes of an application/x-www-form-urlencoded name or value, decoded one at a time: "+" is a
/// space, "%XX" a byte, and a percent sign without two digits stands for itself. **Spec**: WHATWG
/// URL, 5.1.
class FormBytes {
  public:
    explicit FormBytes(std::string_view raw) : raw_(raw) {}
    bool next(std::uint8_t& byte) {
        if (at_ == raw_.size()) return false;
        const char c = raw_[at_];
        if (c == '%' && raw_.size() - at_ > 2) {
            const int value = hex_pair(raw_[at_ + 1], raw_[at_ + 2]);
            if (value >= 0) {
                at_ += 3;
                byte = static_cast<std::uint8_t>(value);
                return true;
            }
        }
        ++at_;
        byte = static_cast<std::uint8_t>(c == '+' ? ' ' : c);
        return true;
    }

  private:
    std::string_view raw_;
    std::size_t at_ = 0;
};

struct FormPair {
    std::string_view name;   ///< As sent.
    std::string_view value;  ///< As sent; empty without "=".
};

/// The pairs of a form or query: split at "&", empty pieces skipped, each at its first "=".
class FormPairs {
  public:
    explicit FormPairs(std::string_view text) : rest_(text) {}
    bool next(FormPair& out) {
        while (!rest_.empty()) {
            const std::size_t end = rest_.find('&');
            const std::string_view piece = rest_.substr(0, end);
            rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
            if (piece.empty()) continue;
            const std::size_t equals = piece.find('=');
            out.name = piece.substr(0, equals);
            out.value =
                equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1);
            return true;
        }
        return false;
    }

  private:
    std::string_view rest_;
};

}  // namespace kwikgate::auth
