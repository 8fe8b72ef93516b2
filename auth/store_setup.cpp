#include <algorithm>

#include "auth/rekey.hpp"
#include "auth/section_catalogue.hpp"
#include "auth/seed_sections.hpp"
#include "auth/token_service.hpp"
#include "store/section_slug.hpp"

namespace kwikgate::auth {
namespace {

/// What the catalogue shall hold.
std::vector<std::string> with_seeds(const std::vector<std::string>& extra) {
    std::vector<std::string> wanted(kSeedSections.begin(), kSeedSections.end());
    wanted.insert(wanted.end(), extra.begin(), extra.end());
    return wanted;
}

ServiceResult<void> check_slugs(const std::vector<std::string>& slugs) {
    if (std::all_of(slugs.begin(), slugs.end(),
                    [](const std::string& slug) { return store::is_section_slug(slug); }))
        return {};
    return ServiceError{Errc::invalid_section,
                        "A section is named by 1 to 64 of a-z, 0-9 and inner hyphens."};
}

}  // namespace

ServiceResult<void> check_room_for_sections(store::Store& store,
                                            const std::vector<std::string>& extra) {
    const auto catalogue = SectionCatalogue::load(store);
    if (!catalogue) return catalogue.error();
    const std::vector<std::string> wanted = with_seeds(extra);
    const auto missing = static_cast<std::size_t>(
        std::count_if(wanted.begin(), wanted.end(),
                      [&](const std::string& slug) { return !catalogue->id(slug); }));
    if (catalogue->size() + missing <= store::kMaxSections) return {};
    return ServiceError{store::Errc::too_many_sections,
                        "The store has " + std::to_string(catalogue->size()) +
                            " sections, each for good, and no room for " + std::to_string(missing) +
                            " more: there can be " + std::to_string(store::kMaxSections) + "."};
}

ServiceResult<SectionCatalogue> plan_sections(store::Store& store,
                                              const std::vector<std::string>& extra) {
    if (auto named = check_slugs(extra); !named) return named.error();
    if (auto room = check_room_for_sections(store, extra); !room) return room.error();
    auto reader = store.reader();
    if (!reader) return service_error(reader.error());
    const auto snapshot = reader->snapshot();
    if (!snapshot) return service_error(snapshot.error());
    auto sections = snapshot->sections();
    if (!sections) return service_error(sections.error());
    for (const std::string& slug : with_seeds(extra)) {
        if (std::any_of(sections->begin(), sections->end(),
                        [&](const auto& known) { return known.second == slug; }))
            continue;
        const unsigned next =
            sections->empty() ? 0U : static_cast<unsigned>(sections->back().first) + 1U;
        sections->emplace_back(static_cast<SectionId>(next), slug);
    }
    return SectionCatalogue(std::move(*sections));
}

store::Result<SectionCatalogue> register_sections(store::Write& write,
                                                  const std::vector<std::string>& extra) {
    std::vector<std::pair<SectionId, std::string>> sections;
    for (const std::string& slug : with_seeds(extra)) {
        const auto id = write.register_section(slug);
        if (!id) return id.error();
        sections.emplace_back(*id, slug);
    }
    return SectionCatalogue(std::move(sections));
}

ServiceResult<void> register_sections(store::Store& store, const std::vector<std::string>& extra) {
    if (auto named = check_slugs(extra); !named) return named;
    // Asked for at every start: a store that has them all is not written to.
    const auto catalogue = SectionCatalogue::load(store);
    if (!catalogue) return catalogue.error();
    if (catalogue->resolve(with_seeds(extra))) return {};
    const auto written = store.write([&](store::Write& write) -> store::Result<void> {
        const auto registered = register_sections(write, extra);
        return registered ? store::Result<void>{} : registered.error();
    });
    if (!written) return service_error(written.error());
    return {};
}

ServiceResult<void> bind_master_key(store::Store& store, const MasterKey& key) {
    const std::string value = key.check_value();
    auto reader = store.reader();
    if (!reader) return service_error(reader.error());
    std::optional<std::string> stored;
    {
        auto snapshot = reader->snapshot();
        if (!snapshot) return service_error(snapshot.error());
        auto meta = snapshot->meta(kKeyCheck);
        if (!meta) return service_error(meta.error());
        stored = std::move(*meta);
    }
    if (!stored) {
        const auto written =
            store.write([&](store::Write& write) { return write.put_meta(kKeyCheck, value); });
        if (!written) return service_error(written.error());
        return {};
    }
    if (*stored != value) return service_error(store::Errc::wrong_master_key);
    return {};
}

}  // namespace kwikgate::auth
