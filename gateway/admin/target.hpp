#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kwikgate::gateway::admin {

/// The target of a request, taken apart: the path as it came, the query's members decoded.
struct Target {
    std::string_view path;
    std::vector<std::pair<std::string, std::string>> query;

    /// The one value of `name`, or nullptr.
    const std::string* find(std::string_view name) const;
};

/// Origin form only. Empty for anything else, and for a query with a bad escape or a name that
/// stands twice: nothing is guessed. **Borrows** `text`.
std::optional<Target> parse_target(std::string_view text);

/// Whether `path` has the shape of `pattern`, in which "{id}" is one segment of letters, digits and
/// '_'; the segment goes to `id`.
bool matches(std::string_view pattern, std::string_view path, std::string_view& id);

}  // namespace kwikgate::gateway::admin
