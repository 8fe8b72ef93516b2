#include "gateway/telemetry/series_names.hpp"

namespace kwikgate::gateway {

std::uint32_t SeriesNames::slot(std::string_view first, std::string_view second) {
    const std::lock_guard lock(mutex_);
    Name name(first, second);
    if (const auto found = slots_.find(name); found != slots_.end()) return found->second;
    if (names_.size() == most_) return static_cast<std::uint32_t>(most_ - 1);
    if (names_.size() + 1 == most_) name = {"other", "other"};
    const auto slot = static_cast<std::uint32_t>(names_.size());
    slots_.emplace(name, slot);
    names_.push_back(std::move(name));
    return slot;
}

std::vector<SeriesNames::Name> SeriesNames::all() const {
    const std::lock_guard lock(mutex_);
    return names_;
}

std::size_t SeriesNames::size() const {
    const std::lock_guard lock(mutex_);
    return names_.size();
}

}  // namespace kwikgate::gateway
