#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/json_document.hpp"
#include "gateway/config/load.hpp"

namespace kwikgate::gateway {

/// A configuration or routes file in memory.
struct ConfigSource {
    std::filesystem::path file;
    std::size_t order = 0;  ///< Problems are told file by file, in the order they were read.
    JsonDocument document;
};

/// A value and where it stands. **Borrows** the source.
struct Place {
    const ConfigSource* source = nullptr;
    const JsonValue* value = nullptr;
    std::string pointer;

    Place member(const JsonMember& inner) const {
        return {source, &inner.value, extend_pointer(pointer, inner.name)};
    }
    Place item(std::size_t index) const {
        return {source, &value->items[index], extend_pointer(pointer, std::to_string(index))};
    }
    TextLocation location() const { return source->document.locate(value->offset); }
};

/// Collects what is wrong. Never stops at the first.
class ProblemList {
  public:
    void add(const Place& place, std::string message, std::string hint = {});
    /// At a byte other than a value's first: a name, or text that is no JSON.
    void add_at(const ConfigSource& source, std::size_t offset, std::string pointer,
                std::string message, std::string hint = {});
    /// A file without a text.
    void add_file(const std::filesystem::path& file, std::string message, std::string hint = {});
    bool empty() const { return found_.empty(); }
    /// In file order.
    std::vector<ConfigProblem> take();

  private:
    struct Found {
        std::size_t order;
        std::size_t offset;
        ConfigProblem problem;
    };
    std::vector<Found> found_;
};

/// `did you mean "x"?` for the name nearest to `wrong`, or nothing when none is near.
std::string did_you_mean(std::string_view wrong, std::span<const std::string_view> names);

}  // namespace kwikgate::gateway
