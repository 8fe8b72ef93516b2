#include <unistd.h>
#include <algorithm>
#include <utility>

#include "auth/ip_rules.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/telemetry/log.hpp"

// A worker's listeners and connections: how they come, how long they stay.
namespace kwikgate::gateway {
namespace {

constexpr std::size_t kProbesPerTick = 64;
/// Connections over the cap that are answered 503; more than so many at a time are just closed.
constexpr std::size_t kToldAtATime = 1024;

/// Of those that are there, for one that comes: more than one, so that places get free again.
constexpr unsigned kShedForOne = 2;
constexpr std::chrono::minutes kLeastBetweenReports{1};

/// When a connection that was promised to be kept must end, the next request may be on the way.
/// Closing at once would lose it.
constexpr std::chrono::milliseconds kLastIdleTime{1'000};

}  // namespace

/// A peer that closed together with its last request raised no event of its own: looked at here, a
/// few connections a tick.
void Worker::probe_connections() {
    const std::size_t count = std::min(kProbesPerTick, connections_.size());
    for (std::size_t i = 0; i < count; ++i) {
        probe_at_ = (probe_at_ + 1) % connections_.size();
        connections_[probe_at_]->probe();
    }
}

void Worker::reconcile_listeners(std::vector<ListeningSocket> added) {
    // Same address: the socket stays, with the new settings. Gone from the configuration: closed.
    for (const auto& listener : listeners_) {
        const auto& wanted = current_->runtime->listeners;
        const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const auto& settings) {
            return settings->config.address == listener->config().address;
        });
        if (found == wanted.end()) {
            listener->current().has_ended = true;
            listener->close();
        } else {
            listener->configure(*found);
        }
    }
    for (ListeningSocket& socket : added)
        listeners_.push_back(std::make_unique<net::Listener>(*this, std::move(socket)));
    end_connections_of_ended();
}

net::CurrentListener& Worker::add_current(std::shared_ptr<const net::ListenerSettings> settings) {
    currents_.push_back(std::make_unique<net::CurrentListener>());
    currents_.back()->settings = std::move(settings);
    return *currents_.back();
}

void Worker::end_connections_of_ended() {
    if (std::none_of(currents_.begin(), currents_.end(),
                     [](const auto& current) { return current->has_ended; }))
        return;
    for (const auto& connection : connections_)
        if (!connection->is_closed() && connection->has_listener_ended()) connection->end_soon();
}

void Worker::forget_ended() {
    std::erase_if(listeners_, [](const auto& listener) { return listener->is_released(); });
    const auto is_used = [&](const auto& current) {
        return std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& listener) {
            return &listener->current() == current.get();
        });
    };
    std::erase_if(currents_, [&](const auto& current) {
        return current->has_ended && current->connections == 0 && !is_used(current);
    });
}

void Worker::accept(int descriptor, const sockaddr_storage& peer, net::CurrentListener& listener) {
    metrics_.connections_accepted.add();
    if (open_connections_ >= limits().connections_per_worker + kToldAtATime) {
        metrics_.connections_refused.add();
        ::close(descriptor);
        return;
    }
    if (spare_connections_.empty()) {
        connections_.push_back(std::make_unique<net::Connection>(*this));
        spare_connections_.reserve(connections_.size());
        spare_connections_.push_back(connections_.back().get());
    }
    net::Connection& connection = *spare_connections_.back();
    spare_connections_.pop_back();
    ++open_connections_;
    connection.start(descriptor, peer, listener);
}

bool Worker::admit(net::Connection& connection, bool is_counted) {
    const std::size_t limit = limits().connections_per_worker;
    places_.enter(connection);
    if (is_counted && !count_address(connection)) return false;
    if (places_.are_scarce(limit)) make_room(connection);
    if (places_.taken() <= limit) return true;
    places_.leave(connection);
    metrics_.connections_refused.add();
    return false;
}

bool Worker::count_address(net::Connection& connection) {
    const std::size_t held = places_.count(connection, connection.peer_address());
    const std::size_t most = limits().connections_per_address;
    if (most == 0 || held <= most) return true;
    places_.leave(connection);
    metrics_.shed(ConnectionShed::address_cap);
    return false;
}

void Worker::make_room(const net::Connection& newcomer) {
    const std::size_t limit = limits().connections_per_worker;
    for (unsigned i = 0; i < kShedForOne && places_.are_scarce(limit); ++i) {
        net::Place* place = places_.choose(newcomer, limit, [&](net::Place& candidate) {
            return &candidate != &newcomer &&
                   static_cast<net::Connection&>(candidate).may_be_shed();
        });
        if (place == nullptr) return;
        metrics_.shed(place->has_sent() ? ConnectionShed::idle : ConnectionShed::no_request);
        static_cast<net::Connection&>(*place).force_close();
    }
}

void Worker::report_shed(net::Clock::time_point now) {
    const std::uint64_t silent = metrics_.shed_so_far(ConnectionShed::no_request);
    const std::uint64_t idle = metrics_.shed_so_far(ConnectionShed::idle);
    if (silent == told_silent_ && idle == told_idle_) return;
    if (shed_told_at_ != net::Clock::time_point{} && now - shed_told_at_ < kLeastBetweenReports)
        return;
    const net::Places::Most most = places_.most();
    log_warn("connections: fewer than a quarter of a worker's places are free: closed " +
             std::to_string(silent - told_silent_) + " that had sent no request and " +
             std::to_string(idle - told_idle_) + " that idled, of the addresses with the most; " +
             auth::to_text(most.address) + " has " + std::to_string(most.held) + " of " +
             std::to_string(limits().connections_per_worker));
    told_silent_ = silent;
    told_idle_ = idle;
    shed_told_at_ = now;
}

void Worker::give_back(net::Connection& connection) {
    spare_connections_.push_back(&connection);
    --open_connections_;
}

bool Worker::keeps_alive(const net::Connection& connection) const {
    return !is_draining_ && !connection.has_listener_ended() &&
           connection.requests() < limits().requests_per_connection;
}

std::chrono::milliseconds Worker::idle_time(const net::Connection& connection) const {
    if (!is_draining_ && !connection.has_listener_ended()) return timeouts().keep_alive;
    return std::min({kLastIdleTime, timeouts().keep_alive, timeouts().drain / 2});
}

}  // namespace kwikgate::gateway
