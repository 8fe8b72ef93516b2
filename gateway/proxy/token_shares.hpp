#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/types.hpp"

namespace kwikgate::gateway::proxy {

/// Whether a share binds: places are scarce, which means that fewer than a quarter of them are
/// free, and the token holds more than `percent` of them. Quarters and shares are rounded down, so
/// no share binds where there are fewer than four places. Pure.
constexpr bool is_share_used_up(std::size_t places, std::size_t taken, std::size_t held,
                                unsigned percent) {
    const std::size_t free = taken < places ? places - taken : 0;
    return percent < 100 && free < places / 4 && held > places * percent / 100;
}

/// Places of one kind that tokens share, and who holds how many: an upstream's connections, its
/// waiting requests. **Threads**: its worker's. **Cost**: a look into a small hash table, which
/// holds those tokens only that hold a place; allocates while their number grows.
class TokenShares {
  public:
    TokenShares(std::size_t places, unsigned percent);

    void take(store::TokenNumber token);
    void give_back(store::TokenNumber token);
    std::size_t taken() const { return taken_; }
    std::size_t held_by(store::TokenNumber token) const;
    bool is_used_up(store::TokenNumber token) const {
        // The common case first: there is plenty, and nobody's part matters.
        return places_ - std::min(taken_, places_) < places_ / 4 &&
               is_share_used_up(places_, taken_, held_by(token), percent_);
    }

  private:
    struct Entry {
        store::TokenNumber token{};
        std::uint32_t held = 0;  ///< 0: the entry is empty.
    };
    std::size_t home_of(store::TokenNumber token) const;
    std::size_t find(store::TokenNumber token) const;
    void remove(std::size_t at);
    void grow();

    std::size_t places_;
    unsigned percent_;
    std::size_t taken_ = 0;
    std::size_t holders_ = 0;
    std::vector<Entry> entries_;  ///< Open addressing, a power of two, at most half full.
};

}  // namespace kwikgate::gateway::proxy
