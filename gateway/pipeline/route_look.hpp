#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/pipeline/route_table.hpp"
#include "gateway/pipeline/route_tree.hpp"

/// Where else a path may lead, as the servers behind the gateway may read it.
namespace kwikgate::gateway {

/// Spellings that make a path have more than one reading, a bit each. `Route::look_at` has those
/// that can matter for the route.
inline constexpr std::uint8_t kSpelledWithEscape = 1U << 0U;
inline constexpr std::uint8_t kSpelledWithSemicolon = 1U << 1U;
inline constexpr std::uint8_t kSpelledWithUpperCase = 1U << 2U;
inline constexpr std::uint8_t kSpelledWithLastSlash = 1U << 3U;
inline constexpr std::uint8_t kSpelledPlainly = 1U << 4U;  ///< Every path is looked at.

/// The spellings in a path whose first bytes, which are a pattern's, do not count.
std::uint8_t spellings_of(std::string_view path, std::size_t literal_bytes);

/// The routes as servers may hold them: each pattern as it stands, decoded and cut, with and
/// without the case of its letters. One place may hold several routes.
class ReadingTrees {
  public:
    using Routes = std::vector<std::unique_ptr<Route>>;

    void add(const Route& route, std::uint32_t method);
    /// To be called once, after the last `add`. Settles for every route which spellings call for a
    /// look.
    void finish(const Routes& routes, const std::vector<std::uint32_t>& methods);

    /// What is wrong with a path that `taken` has as it stands. **Cost**: that of
    /// `visit_path_readings`, with a walk down a tree for each. No allocation.
    PathAmbiguity look(const Routes& routes, const Route& taken, std::string_view path,
                       std::uint32_t method) const;

  private:
    std::uint8_t look_at_literals(const Routes& routes, const Route& route,
                                  std::uint32_t method) const;

    RouteTree exact_;
    RouteTree folded_;
};

}  // namespace kwikgate::gateway
