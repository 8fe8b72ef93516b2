#include <utility>

#include "gateway/net/connection.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"

// What is left of a body that was not read, and how a connection ends so that its last answer
// arrives.
namespace kwikgate::gateway::net {

void Connection::exchange_aborted(bool with_reset) {
    worker_.give_back(std::exchange(exchange_, nullptr));
    if (with_reset) {
        clear();
        worker_.places().leave(*this);
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
    input_.release();
    stream_.shutdown_write();
    linger_.begin(worker_.deadlines().now());
    read_away();
}

void Connection::read_away() {
    set_at(linger_.end(worker_.deadlines().now()));
    for (unsigned reads = 0; reads < kReadsPerTurn; ++reads) {
        const IoResult result = stream_.read(worker_.scratch());
        if (result.status == IoStatus::would_block) {
            stream_.wait_readable();
            return;
        }
        if (result.status != IoStatus::done || !linger_.goes_on_after(result.bytes)) {
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

bool Connection::may_be_shed() {
    switch (state_) {
        case State::idle:
            return !is_in_line_ && stream_.is_quiet();
        case State::preface:
        case State::handshake:
        case State::reading_head:
        case State::discarding:
        case State::lingering:
            return true;
        case State::exchanging:
        case State::closed:
            break;
    }
    return false;
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
    worker_.places().leave(*this);
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
    worker_.places().leave(*this);
    tls_.reset();
    --listener_->connections;
    worker_.give_back(*this);
}

}  // namespace kwikgate::gateway::net
