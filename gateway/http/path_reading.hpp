#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// How upstreams may read a path. The gateway matches and forwards the bytes as they stand; a
/// server behind it may decode, cut or fold them before it looks for a handler. Each of these
/// readings is compared with the routes (`RouteTable::match`).
namespace kwikgate::gateway::http {

/// What a server may do to a path, in the order in which the readings combine it.
enum class PathStep : std::uint8_t {
    parameters_cut,
    decoded,
    decoded_twice,
    backslash_turned,
    slashes_merged,
    dots_resolved,
    lower_case,
    slash_dropped,
    slash_added,
};

/// A set of steps, a bit each.
using PathSteps = std::uint16_t;

constexpr PathSteps bit(PathStep step) {
    return static_cast<PathSteps>(1U << static_cast<unsigned>(step));
}

struct PathStepRow {
    PathStep step;
    std::string_view words;  ///< For people: "with <words>".
};

/// The table of readings: a reading is any combination of these steps.
inline constexpr std::array<PathStepRow, 9> kPathSteps = {{
    {PathStep::parameters_cut, "';' parameters cut from segments"},
    {PathStep::decoded, "escapes decoded"},
    {PathStep::decoded_twice, "escapes decoded twice"},
    {PathStep::backslash_turned, "backslashes as slashes"},
    {PathStep::slashes_merged, "slashes merged"},
    {PathStep::dots_resolved, "dot segments resolved"},
    {PathStep::lower_case, "letters in lower case"},
    {PathStep::slash_dropped, "the trailing slash dropped"},
    {PathStep::slash_added, "a trailing slash added"},
}};

/// "escapes decoded, letters in lower case"; "as it stands" for no step.
std::string describe_steps(PathSteps steps);

/// One reading of a path.
struct PathReading {
    std::string_view path;  ///< Valid during the visit.
    PathSteps steps = 0;
    /// Decoding or a backslash made another number of segments: a reading that leads to no route
    /// may lead to a handler that the routes do not name.
    bool must_match = false;

    bool has(PathStep step) const { return (steps & bit(step)) != 0; }
};

/// Gets the readings of a path one by one.
class PathReadingVisitor {
  public:
    /// False ends the walk.
    virtual bool visit(const PathReading& reading) = 0;

  protected:
    ~PathReadingVisitor() = default;
};

enum class PathReadingsEnd : std::uint8_t {
    complete,  ///< Every reading was visited.
    stopped,   ///< The visitor ended the walk.
    too_long,  ///< The readings take more than `kMaxReadingBytes` together.
};

inline constexpr std::size_t kMaxReadingBytes = std::size_t{64} * 1024;

/// Visits every reading of `path`, which `split_target` accepted. The first one is the path as it
/// stands. Steps that change nothing make no reading of their own. A reading without a trailing
/// slash comes right before the same reading with one, and the other way round. Parameters may be
/// cut before and after each decoding. Slashes are merged, dots resolved, letters folded and the
/// trailing slash changed last. **Cost**: linear in `kMaxReadingBytes` at most; no allocation,
/// 64 KiB of stack.
PathReadingsEnd visit_path_readings(std::string_view path, PathReadingVisitor& visitor);

/// `text` with its escapes decoded once; what is no escape stays.
std::string decode_escapes(std::string_view text);

}  // namespace kwikgate::gateway::http
