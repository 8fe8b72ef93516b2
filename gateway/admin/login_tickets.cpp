#include "gateway/admin/login_tickets.hpp"

#include <algorithm>

#include "auth/login_ticket.hpp"

namespace kwikgate::gateway::admin {

std::optional<std::string> LoginTickets::take(std::string_view text, store::Timestamp now) {
    const auto is_old = [now](store::Timestamp issued_at) {
        return now - issued_at >= auth::kLoginTicketLife;
    };
    std::erase_if(taken_, [&](const auto& entry) {
        if (!is_old(entry.second)) return false;
        forgotten_until_ = std::max(forgotten_until_, entry.second);
        return true;
    });
    auto ticket = auth::open_login_ticket(key_, text);
    if (!ticket || ticket->issued_at < started_at_ || ticket->issued_at <= forgotten_until_ ||
        ticket->issued_at > now || is_old(ticket->issued_at))
        return std::nullopt;
    if (!taken_.emplace(std::move(ticket->nonce), ticket->issued_at).second) return std::nullopt;
    return std::move(ticket->key_id);
}

}  // namespace kwikgate::gateway::admin
