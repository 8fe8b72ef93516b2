#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kwikgate::gateway {

/// Terminal columns that UTF-8 text takes: East Asian wide characters and emoji two, combining
/// marks none.
std::size_t display_width(std::string_view text);

/// `text` with everything that could steer a terminal (control bytes, bidirectional overrides) and
/// every byte that is not UTF-8 replaced by U+FFFD.
std::string printable(std::string_view text);

/// `text` cut to `columns`, the last one an ellipsis when something was cut.
std::string truncated(std::string_view text, std::size_t columns);

}  // namespace kwikgate::gateway
