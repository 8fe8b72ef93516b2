#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auth/service_error.hpp"
#include "auth/vocabulary.hpp"
#include "store/store.hpp"

namespace kwikgate::auth {

/// The store's section registry as it was when it was read: slugs by id and ids by slug.
class SectionCatalogue {
  public:
    static ServiceResult<SectionCatalogue> load(store::Store& store);
    static store::Result<SectionCatalogue> read(const store::Snapshot& snapshot);
    SectionCatalogue() = default;
    explicit SectionCatalogue(std::vector<std::pair<SectionId, std::string>> sections);

    std::size_t size() const { return sections_.size(); }
    std::optional<SectionId> id(std::string_view slug) const;
    /// "section-17" for an id without a name: never in a sound store.
    std::string slug(SectionId id) const;
    /// Slugs of `set`, by ascending id.
    std::vector<std::string> slugs(const SectionSet& set) const;
    /// **Errors**: `invalid_section`, naming the unknown slug and every known one.
    ServiceResult<SectionSet> resolve(const std::vector<std::string>& slugs) const;
    /// "customers, payments, …" for a message.
    std::string list() const;

  private:
    std::vector<std::pair<SectionId, std::string>> sections_;
    std::unordered_map<std::string, SectionId> ids_;
};

}  // namespace kwikgate::auth
