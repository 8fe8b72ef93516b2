#include "gateway/json/section_names.hpp"

namespace kwikgate::gateway {

std::string SectionNames::slug(store::SectionId id) const {
    for (const auto& [known, name] : registry_) {
        if (known == id) return name;
    }
    return "#" + std::to_string(static_cast<unsigned>(id));
}

std::vector<std::string> SectionNames::slugs(const store::SectionSet& set) const {
    std::vector<std::string> out;
    set.for_each([&](store::SectionId id) { out.push_back(slug(id)); });
    return out;
}

std::optional<store::SectionId> SectionNames::id(std::string_view slug) const {
    for (const auto& [known, name] : registry_) {
        if (name == slug) return known;
    }
    return std::nullopt;
}

std::string SectionNames::list() const {
    std::string out;
    for (const auto& [id, name] : registry_) {
        if (!out.empty()) out += ", ";
        out += name;
    }
    return out;
}

}  // namespace kwikgate::gateway
