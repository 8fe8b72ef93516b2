#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "auth/siphash.hpp"
#include "gateway/net/deadline.hpp"
#include "store/types.hpp"

namespace kwikgate::gateway::net {

/// One connection's place in its worker: the part that `Places` links, a base of the connection.
class Place {
  public:
    bool is_held() const { return is_held_; }
    /// It is counted for its client's address.
    bool is_counted() const { return client_ != kNone; }
    bool has_sent() const { return has_sent_; }

  private:
    friend class Places;
    static constexpr std::uint32_t kNone = UINT32_MAX;

    Place* before_ = nullptr;
    Place* after_ = nullptr;
    std::uint32_t client_ = kNone;
    std::uint32_t filed_at_ : 30 = 0;  ///< Second of its start, or of the end of a request.
    std::uint32_t is_held_ : 1 = 0;
    std::uint32_t has_sent_ : 1 = 0;  ///< A whole request; never after that is it silent.
};

/// Who holds the places of a worker (`limits.connections_per_worker`), by client address: IPv4
/// whole, IPv6 by /64. Finds which connection is given up when places get scarce: one of the
/// address that holds the most, first those that have sent no request, then those that idle
/// longest. **Threads**: the worker's. **Borrows** the places between `enter` and `leave`.
/// **Cost**: `enter`, `count` and `leave` O(1), one hash for `count`; `used` a comparison, and O(1)
/// once a second and connection; `choose` at most `kMostLooks` looks. Nothing is allocated once
/// there were as many addresses, and as many connections of one, before: 48 bytes and 8 bytes each.
class Places {
  public:
    static constexpr unsigned kMostLooks = 32;
    /// A connection may take so long to send its first request before it counts as silent. It gets
    /// no time when there is no free place, or when a quarter of its address's connections have
    /// sent nothing: then they are a flood.
    static constexpr std::uint32_t kSilentSeconds = 2;

    Places();

    /// The worker's coarse time.
    void set_now(Clock::time_point now);
    void enter(Place& place);
    /// Counts it for the address. Returns how many that holds now.
    std::size_t count(Place& place, const store::IpAddress& address);
    /// Its first request is there, or a request has ended.
    void used(Place& place) {
        if (place.filed_at_ == now_ && place.has_sent_) return;
        refile(place);
    }
    /// Does nothing when it holds none.
    void leave(Place& place);

    std::size_t taken() const { return taken_; }
    /// Fewer than a quarter of `limit` are free.
    bool are_scarce(std::size_t limit) const {
        return taken_ > limit || (limit - taken_) * 4 < limit;
    }
    struct Most {
        store::IpAddress address;
        std::size_t held = 0;
    };
    /// The address that holds the most places.
    Most most() const;

    /// The place to be given up for `newcomer`, which has entered; null: none. Only of an address
    /// that holds at least as many as the newcomer's; while there are free places, two at least.
    /// `may_go` says of a place whether nobody waits for what its connection does.
    template <class MayGo>
    Place* choose(const Place& newcomer, std::size_t limit, MayGo&& may_go);

  private:
    static constexpr std::uint32_t kNone = Place::kNone;
    static constexpr std::uint32_t kSecondsMask = (std::uint32_t{1} << 30) - 1;
    /// A ring of places, by when they were filed.
    struct Line {
        Place* first = nullptr;
        void append(Place& place);
        void remove(Place& place);
    };
    struct Client {
        std::uint64_t number = 0;
        Line silent;  ///< No request yet.
        Line used;
        std::uint32_t held = 0, silent_count = 0;
        std::uint32_t next = kNone;  ///< In its bucket, or of the free ones.
        // Clients stand in a line by how many places they hold, the most first.
        std::uint32_t before = kNone, after = kNone;
    };
    /// The clients that hold equally many: a part of that line.
    struct Run {
        std::uint32_t first = kNone, last = kNone;
    };

    std::uint32_t find_or_add(std::uint64_t number);
    std::uint32_t& bucket_of(std::uint64_t number);
    void grow_buckets();
    void forget(std::uint32_t index);
    void raise(std::uint32_t index);
    void lower(std::uint32_t index);
    void link_before(std::uint32_t index, std::uint32_t other);
    void unlink(std::uint32_t index);
    void leave_run(std::uint32_t index);
    void refile(Place& place);
    static void unfile(Client& client, Place& place);
    template <class MayGo>
    Place* choose_of(Client& client, bool is_full, unsigned& looks, MayGo&& may_go);
    template <class MayGo>
    Place* look_at_silent(const Client& client, bool has_time, unsigned& looks, MayGo&& may_go);
    template <class MayGo>
    Place* look_at_used(Client& client, unsigned& looks, MayGo&& may_go);

    auth::SipKey key_;
    std::uint32_t now_ = 0;
    std::size_t taken_ = 0;
    std::vector<Client> clients_;
    std::vector<std::uint32_t> buckets_;  ///< A power of two.
    std::vector<Run> runs_;               ///< By places held.
    std::uint32_t free_ = kNone;
    std::uint32_t top_ = kNone, bottom_ = kNone;
};

template <class MayGo>
Place* Places::choose(const Place& newcomer, std::size_t limit, MayGo&& may_go) {
    const bool is_full = taken_ > limit;
    const std::uint32_t own = newcomer.client_ == kNone ? 1 : clients_[newcomer.client_].held;
    const std::uint32_t least = own > 1 || is_full ? own : 2;
    unsigned looks = kMostLooks;
    Place* chosen = nullptr;
    std::uint32_t held = 0;
    for (std::uint32_t i = top_; i != kNone && looks > 0; i = clients_[i].after) {
        Client& client = clients_[i];
        if (client.held < least || (chosen != nullptr && client.held < held)) break;
        --looks;
        Place* place = choose_of(client, is_full, looks, may_go);
        if (place == nullptr) continue;
        // Of those that hold equally many: who has sent nothing, or idles longest.
        if (chosen == nullptr || place->has_sent_ < chosen->has_sent_ ||
            (place->has_sent_ == chosen->has_sent_ && place->filed_at_ < chosen->filed_at_))
            chosen = place;
        held = client.held;
    }
    return chosen;
}

template <class MayGo>
Place* Places::choose_of(Client& client, bool is_full, unsigned& looks, MayGo&& may_go) {
    const bool is_flood = client.silent_count * 4 >= client.held;
    if (Place* place = look_at_silent(client, !is_flood, looks, may_go)) return place;
    // Of a flood, what cannot go at this moment has bytes that are read next: then it can, and
    // those who idle need not.
    if (is_flood) return nullptr;
    if (Place* place = look_at_used(client, looks, may_go)) return place;
    return is_full ? look_at_silent(client, false, looks, may_go) : nullptr;
}

template <class MayGo>
Place* Places::look_at_silent(const Client& client, bool has_time, unsigned& looks,
                              MayGo&& may_go) {
    Place* place = client.silent.first;
    while (place != nullptr && looks > 0) {
        if (has_time && now_ - place->filed_at_ < kSilentSeconds) return nullptr;
        --looks;
        if (may_go(*place)) return place;
        place = place->after_ == client.silent.first ? nullptr : place->after_;
    }
    return nullptr;
}

template <class MayGo>
Place* Places::look_at_used(Client& client, unsigned& looks, MayGo&& may_go) {
    Place* const last = client.used.first == nullptr ? nullptr : client.used.first->before_;
    for (Place* place = client.used.first; place != nullptr && looks > 0; --looks) {
        if (may_go(*place)) return place;
        // Busy: behind the others, so that the next look gets further.
        client.used.first = place->after_;
        place = place == last ? nullptr : place->after_;
    }
    return nullptr;
}

}  // namespace kwikgate::gateway::net
