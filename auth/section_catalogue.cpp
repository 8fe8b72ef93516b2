#include "auth/section_catalogue.hpp"

#include "auth/error.hpp"

namespace kwikgate::auth {
namespace {

/// What was asked for, fit for an error message: bounded, and nothing that could move a cursor.
std::string quote_for_message(std::string_view text) {
    constexpr std::size_t kShown = 64;
    std::string out = "\"";
    for (const char c : text.substr(0, kShown)) out += c >= ' ' && c < '\x7f' ? c : '?';
    return out + (text.size() > kShown ? "...\"" : "\"");
}

}  // namespace

SectionCatalogue::SectionCatalogue(std::vector<std::pair<SectionId, std::string>> sections)
    : sections_(std::move(sections)) {
    for (const auto& [id, slug] : sections_) ids_.emplace(slug, id);
}

ServiceResult<SectionCatalogue> SectionCatalogue::load(store::Store& store) {
    auto reader = store.reader();
    if (!reader) return service_error(reader.error());
    auto snapshot = reader->snapshot();
    if (!snapshot) return service_error(snapshot.error());
    auto catalogue = read(*snapshot);
    if (!catalogue) return service_error(catalogue.error());
    return std::move(*catalogue);
}

store::Result<SectionCatalogue> SectionCatalogue::read(const store::Snapshot& snapshot) {
    auto sections = snapshot.sections();
    if (!sections) return sections.error();
    return SectionCatalogue(std::move(*sections));
}

std::optional<SectionId> SectionCatalogue::id(std::string_view slug) const {
    const auto found = ids_.find(std::string(slug));
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

std::string SectionCatalogue::slug(SectionId id) const {
    for (const auto& [known, slug] : sections_)
        if (known == id) return slug;
    return "section-" + std::to_string(static_cast<unsigned>(id));
}

std::vector<std::string> SectionCatalogue::slugs(const SectionSet& set) const {
    std::vector<std::string> out;
    set.for_each([&](SectionId id) { out.push_back(slug(id)); });
    return out;
}

ServiceResult<SectionSet> SectionCatalogue::resolve(const std::vector<std::string>& slugs) const {
    SectionSet set;
    for (const std::string& slug : slugs) {
        const auto found = id(slug);
        if (!found) {
            return ServiceError{Errc::invalid_section,
                                "There is no section " + quote_for_message(slug) +
                                    "; the catalogue has " + (sections_.empty() ? "none" : list()) +
                                    "."};
        }
        set.add(*found);
    }
    return set;
}

std::string SectionCatalogue::list() const {
    std::string out;
    for (const auto& [id, slug] : sections_) out += (out.empty() ? "" : ", ") + slug;
    return out;
}

}  // namespace kwikgate::auth
