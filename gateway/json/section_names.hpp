#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/types.hpp"

namespace kwikgate::gateway {

/// The store's section registry as names: id to slug and back.
class SectionNames {
  public:
    SectionNames() = default;
    explicit SectionNames(std::vector<std::pair<store::SectionId, std::string>> registry)
        : registry_(std::move(registry)) {}

    /// The slugs of `set`, in registry order. An id without a name (never, in a sound store) is
    /// "#id".
    std::vector<std::string> slugs(const store::SectionSet& set) const;
    std::string slug(store::SectionId id) const;
    bool contains(std::string_view slug) const { return id(slug).has_value(); }
    std::optional<store::SectionId> id(std::string_view slug) const;
    /// "customers, payments, …" for a message.
    std::string list() const;

  private:
    std::vector<std::pair<store::SectionId, std::string>> registry_;
};

}  // namespace kwikgate::gateway
