#pragma once

#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/circular_buffer.hpp>
#include <cstddef>

#include "gateway/net/deadline.hpp"

namespace kwikgate::gateway::net {

class Connection;
class Ring;

/// The line in which new requests stand, so that a worker with much to do finishes what it has
/// begun before it begins more: in one turn of the loop only so many are let in, and answers that
/// upstreams gave meanwhile come before the next ones. A request that stands here costs nothing
/// but its place: it is not read yet.
///
/// Without it thousands of requests that are ready at once would all be begun before the first
/// answer is looked at, find no connection to their upstream, and be refused.
/// **Threads**: the worker's. **Cost**: a comparison a request, and a turn of the loop for every
/// `kLetInPerTurn`.
class RequestQueue {
  public:
    explicit RequestQueue(boost::asio::io_context& context);

    /// True: `connection` may begin now. False: it stands in line, and `Connection::resume` is
    /// called when it is its turn, also when it was closed meanwhile.
    bool lets_in(Connection& connection) {
        if (left_ > 0 && waiting_.empty()) {
            take_place();
            return true;
        }
        stand(connection);
        return false;
    }
    /// How long the first in line has stood there.
    Clock::duration oldest(Clock::time_point now) const {
        return waiting_.empty() ? Clock::duration{} : now - waiting_.front().since;
    }

  private:
    static constexpr unsigned kLetInPerTurn = 64;
    struct Waiting {
        Connection* connection;
        Clock::time_point since;
    };
    /// A member, so that to ask for a turn allocates nothing. Queued at most once: when no place is
    /// left.
    struct Turn : boost::asio::detail::scheduler_operation {
        explicit Turn(RequestQueue& owner);
        static void complete(void* owner, boost::asio::detail::scheduler_operation* operation,
                             const boost::system::error_code& error, std::size_t bytes);
        RequestQueue& queue;
    };

    void take_place() {
        if (--left_ == 0) ask_for_turn();
    }
    void stand(Connection& connection);
    void ask_for_turn();
    void turn();

    boost::asio::detail::epoll_reactor& reactor_;
    Ring* ring_;
    Turn turn_{*this};
    boost::circular_buffer<Waiting> waiting_;
    unsigned left_ = kLetInPerTurn;
};

}  // namespace kwikgate::gateway::net
