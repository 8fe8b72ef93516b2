#include "gateway/net/places.hpp"

#include <algorithm>
#include <chrono>
#include <random>

#include "gateway/http/client_number.hpp"

namespace kwikgate::gateway::net {
namespace {

/// For a hash of which nobody outside can aim addresses at one bucket.
auth::SipKey random_key() {
    auth::SipKey key;
    std::random_device random;
    for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random());
    return key;
}

}  // namespace

Places::Places() : key_(random_key()), buckets_(16, kNone), runs_(16) {}

void Places::set_now(Clock::time_point now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    now_ = static_cast<std::uint32_t>(seconds.count()) & kSecondsMask;
}

void Places::enter(Place& place) {
    place.before_ = place.after_ = nullptr;
    place.client_ = kNone;
    place.filed_at_ = now_ & kSecondsMask;
    place.is_held_ = 1;
    place.has_sent_ = 0;
    ++taken_;
}

std::size_t Places::count(Place& place, const store::IpAddress& address) {
    const std::uint32_t index = find_or_add(http::client_number(address));
    place.client_ = index;
    clients_[index].silent.append(place);
    ++clients_[index].silent_count;
    raise(index);
    return clients_[index].held;
}

void Places::unfile(Client& client, Place& place) {
    if (place.has_sent_) {
        client.used.remove(place);
    } else {
        client.silent.remove(place);
        --client.silent_count;
    }
}

void Places::refile(Place& place) {
    if (place.client_ != kNone) {
        Client& client = clients_[place.client_];
        unfile(client, place);
        client.used.append(place);
    }
    place.has_sent_ = 1;
    place.filed_at_ = now_ & kSecondsMask;
}

void Places::leave(Place& place) {
    if (!place.is_held_) return;
    place.is_held_ = 0;
    --taken_;
    if (place.client_ == kNone) return;
    Client& client = clients_[place.client_];
    unfile(client, place);
    lower(place.client_);
    if (client.held == 0) forget(place.client_);
    place.client_ = kNone;
}

Places::Most Places::most() const {
    if (top_ == kNone) return {};
    return {http::client_address(clients_[top_].number), clients_[top_].held};
}

void Places::Line::append(Place& place) {
    if (first == nullptr) {
        place.before_ = place.after_ = first = &place;
        return;
    }
    place.after_ = first;
    place.before_ = first->before_;
    first->before_->after_ = &place;
    first->before_ = &place;
}

void Places::Line::remove(Place& place) {
    if (place.after_ == &place) {
        first = nullptr;
    } else {
        place.before_->after_ = place.after_;
        place.after_->before_ = place.before_;
        if (first == &place) first = place.after_;
    }
    place.before_ = place.after_ = nullptr;
}

std::uint32_t& Places::bucket_of(std::uint64_t number) {
    return buckets_[auth::siphash_word(key_, number) & (buckets_.size() - 1)];
}

std::uint32_t Places::find_or_add(std::uint64_t number) {
    for (std::uint32_t i = bucket_of(number); i != kNone; i = clients_[i].next)
        if (clients_[i].number == number) return i;
    std::uint32_t index = free_;
    if (index != kNone) {
        free_ = clients_[index].next;
    } else {
        index = static_cast<std::uint32_t>(clients_.size());
        clients_.emplace_back();
        if (clients_.size() > buckets_.size()) grow_buckets();
    }
    Client& client = clients_[index];
    client = {};
    client.number = number;
    std::uint32_t& bucket = bucket_of(number);
    client.next = bucket;
    bucket = index;
    link_before(index, kNone);
    return index;
}

/// Called while every client but the newest is in a bucket, as none is free then.
void Places::grow_buckets() {
    buckets_.assign(buckets_.size() * 2, kNone);
    for (std::uint32_t i = 0; i + 1 < clients_.size(); ++i) {
        std::uint32_t& bucket = bucket_of(clients_[i].number);
        clients_[i].next = bucket;
        bucket = i;
    }
}

void Places::forget(std::uint32_t index) {
    std::uint32_t* link = &bucket_of(clients_[index].number);
    while (*link != index) link = &clients_[*link].next;
    *link = clients_[index].next;
    unlink(index);
    clients_[index].next = free_;
    free_ = index;
}

void Places::raise(std::uint32_t index) {
    Client& client = clients_[index];
    const std::uint32_t held = client.held;
    if (held + 1 >= runs_.size()) runs_.resize(runs_.size() * 2);
    const std::uint32_t first = runs_[held].first;
    if (held > 0) leave_run(index);
    if (held > 0 && first != index) {
        unlink(index);
        link_before(index, first);
    }
    client.held = held + 1;
    Run& run = runs_[held + 1];
    if (run.first == kNone) run.first = index;
    run.last = index;
}

void Places::lower(std::uint32_t index) {
    Client& client = clients_[index];
    const std::uint32_t held = client.held;
    const std::uint32_t last = runs_[held].last;
    leave_run(index);
    if (last != index) {
        const std::uint32_t behind = clients_[last].after;
        unlink(index);
        link_before(index, behind);
    }
    client.held = held - 1;
    if (held == 1) return;
    Run& run = runs_[held - 1];
    if (run.last == kNone) run.last = index;
    run.first = index;
}

/// While it still stands in the line.
void Places::leave_run(std::uint32_t index) {
    const Client& client = clients_[index];
    Run& run = runs_[client.held];
    if (run.first == index && run.last == index) {
        run = {};
    } else if (run.first == index) {
        run.first = client.after;
    } else if (run.last == index) {
        run.last = client.before;
    }
}

void Places::link_before(std::uint32_t index, std::uint32_t other) {
    Client& client = clients_[index];
    client.after = other;
    client.before = other == kNone ? bottom_ : clients_[other].before;
    (client.before == kNone ? top_ : clients_[client.before].after) = index;
    (other == kNone ? bottom_ : clients_[other].before) = index;
}

void Places::unlink(std::uint32_t index) {
    const Client& client = clients_[index];
    (client.before == kNone ? top_ : clients_[client.before].after) = client.after;
    (client.after == kNone ? bottom_ : clients_[client.after].before) = client.before;
}

}  // namespace kwikgate::gateway::net
