#pragma once

#include <string_view>

namespace kwikgate::auth {

/// `text` without the mark that some editors put before UTF-8: it is no part of a secret or a line.
constexpr std::string_view without_byte_order_mark(std::string_view text) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

}  // namespace kwikgate::auth
