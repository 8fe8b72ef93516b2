#include "gateway/net/request_queue.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "gateway/net/connection.hpp"
#include "gateway/net/ring.hpp"

namespace kwikgate::gateway::net {
namespace {

constexpr std::size_t kFirstCapacity = 1024;

}  // namespace

RequestQueue::RequestQueue(boost::asio::io_context& context)
    : context_(context), ring_(Ring::of(context)) {}

void RequestQueue::stand(Connection& connection) {
    if (waiting_.full()) waiting_.set_capacity(std::max(kFirstCapacity, waiting_.capacity() * 2));
    waiting_.push_back({&connection, Clock::now()});
}

/// Behind what is ready now.
void RequestQueue::ask_for_turn() {
    boost::asio::post(context_, [this] { turn(); });
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
