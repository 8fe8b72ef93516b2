#include "gateway/admin/guests.hpp"

#include <algorithm>
#include <map>

namespace kwikgate::gateway::admin {

Guest* Guests::choose() const {
    std::map<auth::IpAddress, std::size_t> unknown;
    for (const Guest* guest : guests_)
        if (!guest->is_known) ++unknown[guest->address];
    Guest* chosen = nullptr;
    std::size_t most = 0;
    for (Guest* guest : guests_) {
        if (guest->is_known || guest->doing == Guest::Doing::working) continue;
        const std::size_t held = unknown[guest->address];
        if (held < most || (held == most && guest->since > chosen->since)) continue;
        chosen = guest;
        most = held;
    }
    if (chosen != nullptr) return chosen;
    for (Guest* guest : guests_) {
        if (guest->doing != Guest::Doing::waiting) continue;
        if (chosen == nullptr || guest->since < chosen->since) chosen = guest;
    }
    return chosen;
}

bool Guests::make_room() {
    if (guests_.size() < most_) return true;
    Guest* guest = choose();
    if (guest == nullptr) {
        count(AdminShed::refused);
        return false;
    }
    count(guest->is_known ? AdminShed::idle : AdminShed::unknown);
    leave(*guest);
    guest->end();
    return true;
}

void Guests::enter(Guest& guest) {
    guest.since = next_moment();
    guests_.push_back(&guest);
}

void Guests::leave(const Guest& guest) {
    std::erase(guests_, &guest);
}

}  // namespace kwikgate::gateway::admin
