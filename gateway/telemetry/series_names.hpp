#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwikgate::gateway {

/// Slot numbers for pairs of names, given in order and kept for the life of the process: a counter
/// goes on over a reload that keeps its route or upstream. When all are taken, further names share
/// the last one, which is called "other".
/// **Threads**: any; a mutex. Asked when a configuration is taken into use, never for a request.
class SeriesNames {
  public:
    using Name = std::pair<std::string, std::string>;

    explicit SeriesNames(std::size_t most) : most_(most) {}
    std::uint32_t slot(std::string_view first, std::string_view second);
    /// By slot.
    std::vector<Name> all() const;
    std::size_t size() const;

  private:
    const std::size_t most_;
    mutable std::mutex mutex_;
    std::map<Name, std::uint32_t> slots_;
    std::vector<Name> names_;
};

}  // namespace kwikgate::gateway
