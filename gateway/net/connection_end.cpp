#include <algorithm>
#include <utility>

#include "gateway/net/connection.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"

// What is left of a body that was not read, and how a connection ends so that its last answer
// arrives.
namespace kwikgate::gateway::net {
namespace {

// A client that is still sending its body when it is refused reads the answer only afterwards. Its
// bytes are thrown away as they come: they cost no memory, but they do cost time.
constexpr std::chrono::milliseconds kLingerIdle{2'000};
constexpr std::chrono::milliseconds kLingerTime{10'000};
constexpr std::size_t kMaxLingerBytes = std::size_t{64} << 20;

}  // namespace

void Connection::exchange_aborted(bool with_reset) {
    worker_.give_back(std::exchange(exchange_, nullptr));
    if (with_reset) {
        clear();
        state_ = State::closed;
        input_.release();
        stream_.abort();
        return;
    }
    close_now();
}

void Connection::discard_body() {
    for (;;) {
        const http::ChunkStep step = discard_.step(input_.readable());
        input_.consume(step.consumed);
        if (discard_.is_complete()) break;
        if (step.status == http::ChunkStatus::refused) {
            linger();
            return;
        }
        if (step.status == http::ChunkStatus::data) continue;
        const ReadOutcome outcome = read_more();
        if (outcome == ReadOutcome::waiting) return;
        if (outcome != ReadOutcome::got_bytes) {
            close_now();
            return;
        }
    }
    clear();
    take_next_request();
}

// Closing at once while unread bytes lie in the receive queue makes the kernel send a reset, which
// can destroy the answer before the client has read it. So the sending side closes first.
void Connection::linger() {
    state_ = State::lingering;
    lingered_bytes_ = 0;
    input_.release();
    stream_.shutdown_write();
    linger_until_ = worker_.deadlines().now() + kLingerTime;
    read_away();
}

void Connection::read_away() {
    set_at(std::min(linger_until_, worker_.deadlines().now() + kLingerIdle));
    for (unsigned reads = 0; reads < kReadsPerTurn; ++reads) {
        const IoResult result = stream_.read(worker_.scratch());
        if (result.status == IoStatus::would_block) {
            stream_.wait_readable();
            return;
        }
        lingered_bytes_ += result.bytes;
        if (result.status != IoStatus::done || lingered_bytes_ > kMaxLingerBytes) {
            close_now();
            return;
        }
    }
    stream_.yield();
}

void Connection::end_soon() {
    if (state_ == State::idle) set(worker_.idle_time(*this));
}

void Connection::drain() {
    end_soon();
    if (state_ == State::preface || state_ == State::handshake) close_now();
}

void Connection::force_close() {
    if (state_ == State::exchanging) {
        exchange_->abort();
    } else {
        close_now();
    }
}

void Connection::close_now() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    clear();
    input_.release();
    if (exchange_ != nullptr) worker_.give_back(std::exchange(exchange_, nullptr));
    stream_.close();
}

void Connection::on_released() {
    finish_close();
}

void Connection::finish_close() {
    state_ = State::closed;
    tls_.reset();
    --listener_->connections;
    worker_.give_back(*this);
}

}  // namespace kwikgate::gateway::net
