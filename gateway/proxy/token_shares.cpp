#include "gateway/proxy/token_shares.hpp"

#include <cassert>
#include <utility>

namespace kwikgate::gateway::proxy {
namespace {

constexpr std::size_t kFirstEntries = 64;

}  // namespace

TokenShares::TokenShares(std::size_t places, unsigned percent)
    : places_(places), percent_(percent), entries_(kFirstEntries) {}

std::size_t TokenShares::home_of(store::TokenNumber token) const {
    // Numbers are dense: a product spreads those that are given out in a row.
    const auto mixed = static_cast<std::uint64_t>(token) * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(mixed >> 32U) & (entries_.size() - 1);
}

/// Where the token stands, or the empty entry where it would.
std::size_t TokenShares::find(store::TokenNumber token) const {
    std::size_t at = home_of(token);
    while (entries_[at].held != 0 && entries_[at].token != token)
        at = (at + 1) & (entries_.size() - 1);
    return at;
}

void TokenShares::take(store::TokenNumber token) {
    ++taken_;
    std::size_t at = find(token);
    if (entries_[at].held == 0) {
        if (2 * (holders_ + 1) > entries_.size()) {
            grow();
            at = find(token);
        }
        ++holders_;
        entries_[at].token = token;
    }
    ++entries_[at].held;
}

void TokenShares::give_back(store::TokenNumber token) {
    const std::size_t at = find(token);
    assert(entries_[at].held != 0);
    if (entries_[at].held == 0) return;
    --taken_;
    if (--entries_[at].held == 0) remove(at);
}

std::size_t TokenShares::held_by(store::TokenNumber token) const {
    return entries_[find(token)].held;
}

/// Closes the gap: an entry that was pushed past it moves into it.
void TokenShares::remove(std::size_t at) {
    --holders_;
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t next = (at + 1) & mask; entries_[next].held != 0; next = (next + 1) & mask) {
        const std::size_t home = home_of(entries_[next].token);
        if (((next - home) & mask) < ((next - at) & mask)) continue;
        entries_[at] = entries_[next];
        entries_[next].held = 0;
        at = next;
    }
}

void TokenShares::grow() {
    std::vector<Entry> before = std::exchange(entries_, std::vector<Entry>(2 * entries_.size()));
    for (const Entry& entry : before)
        if (entry.held != 0) entries_[find(entry.token)] = entry;
}

}  // namespace kwikgate::gateway::proxy
