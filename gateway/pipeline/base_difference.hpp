#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::gateway {

/// The lines of a signature base, without their ends.
std::vector<std::string> base_lines(std::string_view base);

/// The first place where two signature bases differ. A line that one of them lacks is empty.
struct BaseDifference {
    std::size_t line = 0;    ///< From 1.
    std::size_t column = 0;  ///< From 1, in bytes.
    std::string yours;
    std::string ours;
};
std::optional<BaseDifference> first_difference(std::string_view yours, std::string_view ours);

}  // namespace kwikgate::gateway
