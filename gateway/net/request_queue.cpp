#include "gateway/net/request_queue.hpp"

#include <algorithm>

#include "gateway/net/connection.hpp"
#include "gateway/net/ring.hpp"

namespace kwikgate::gateway::net {
namespace {

constexpr std::size_t kFirstCapacity = 1024;

}  // namespace

RequestQueue::RequestQueue(boost::asio::io_context& context)
    : reactor_(boost::asio::use_service<boost::asio::detail::epoll_reactor>(context)),
      ring_(Ring::of(context)) {
    reactor_.init_task();
}

RequestQueue::Turn::Turn(RequestQueue& owner)
    : scheduler_operation(&Turn::complete), queue(owner) {}

void RequestQueue::Turn::complete(void* owner, boost::asio::detail::scheduler_operation* operation,
                                  const boost::system::error_code&, std::size_t) {
    if (owner == nullptr) return;  // The io_context is going away: nothing may run any more.
    static_cast<Turn*>(operation)->queue.turn();
}

void RequestQueue::stand(Connection& connection) {
    if (waiting_.full()) waiting_.set_capacity(std::max(kFirstCapacity, waiting_.capacity() * 2));
    waiting_.push_back({&connection, Clock::now()});
}

/// Behind what is ready now.
void RequestQueue::ask_for_turn() {
    reactor_.post_immediate_completion(&turn_, false);
    if (ring_ != nullptr) ring_->ask_asio();
}

void RequestQueue::turn() {
    left_ = kLetInPerTurn;
    while (left_ > 0 && !waiting_.empty()) {
        Connection& connection = *waiting_.front().connection;
        waiting_.pop_front();
        take_place();
        connection.resume();
    }
}

}  // namespace kwikgate::gateway::net
