#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

/// The target: each file defines it, and libFuzzer or replay_main.cpp calls it.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// What fuzz targets share: reading the input as text, and claims about the result.
namespace kwikgate::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process when a claim does not hold; works in every build type.
inline void require(bool holds, const char* claim) {
    if (holds) return;
    std::cerr << "claim broken: " << claim << '\n';
    std::abort();
}

/// True when `part` is empty or lies within `whole`.
inline bool is_within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

/// Takes the first byte off the text, as a number that steers the target.
inline std::size_t take_byte(std::string_view& text) {
    if (text.empty()) return 0;
    const auto byte = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    return byte;
}

}  // namespace kwikgate::fuzz
