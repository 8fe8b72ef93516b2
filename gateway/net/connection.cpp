#include "gateway/net/connection.hpp"

#include <algorithm>
#include <cstring>

#include "gateway/http/request_parser.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"

namespace kwikgate::gateway::net {
namespace {

// A client that is still sending its body when it is refused reads the answer only afterwards. Its
// bytes are thrown away as they come: they cost no memory, but they do cost time.
constexpr std::chrono::milliseconds kLingerIdle{2'000};
constexpr std::chrono::milliseconds kLingerTime{10'000};
constexpr unsigned kStepsPerTurn = 64;
constexpr std::size_t kMaxLingerBytes = std::size_t{64} << 20;

}  // namespace

Connection::Connection(Worker& worker)
    : Deadline(worker.deadlines()), worker_(worker), stream_(worker.context(), *this) {}

void Connection::on_readable() {
    switch (state_) {
        case State::preface:
            read_preface();
            break;
        case State::handshake:
            shake_hands();
            break;
        case State::idle:
            stand_in_line();
            break;
        case State::reading_head:
            read_requests();
            break;
        case State::exchanging:
            exchange_->on_downstream_readable();
            break;
        case State::discarding:
            discard_body();
            break;
        case State::lingering:
            drain_lingering();
            break;
        case State::closed:
            break;
    }
}

void Connection::on_writable() {
    if (state_ == State::exchanging) exchange_->on_downstream_writable();
}

void Connection::on_deadline() {
    switch (state_) {
        case State::exchanging:
            exchange_->on_downstream_deadline();
            break;
        case State::reading_head:
            state_ = State::exchanging;
            exchange_->begin_refused(*this, auth::Reason::request_timeout);
            break;
        case State::idle:
            if (is_in_line_ || !stream_.is_quiet()) {
                stand_in_line();  // A request came together with the deadline: it is answered.
                break;
            }
            [[fallthrough]];
        default:
            close_now();
            break;
    }
}

void Connection::wait_for_request() {
    state_ = State::idle;
    resume_at_ = 0;
    input_.release();
    set(worker_.idle_time());
    stream_.wait_readable();
}

Connection::ReadOutcome Connection::read_more() {
    if (!input_.has_block()) input_ = worker_.head_buffers().take();
    if (input_.writable().empty()) input_.compact();
    if (input_.writable().empty()) return ReadOutcome::full;
    std::size_t bytes = 0;
    const ReadOutcome outcome = read_into(input_.writable(), bytes);
    input_.commit(bytes);
    return outcome;
}

bool Connection::is_gone() {
    switch (stream_.peek()) {
        case IoStatus::would_block:
            stream_.wait_readable();
            return false;
        case IoStatus::done:
            stream_.leave_unread();  // The next request, before this one is answered.
            return false;
        case IoStatus::closed:
        case IoStatus::failed:
            break;
    }
    return true;
}

Connection::ReadOutcome Connection::read_into(std::span<char> room, std::size_t& bytes) {
    const IoResult result = stream_.read(room);
    bytes = result.bytes;
    switch (result.status) {
        case IoStatus::done:
            return ReadOutcome::got_bytes;
        case IoStatus::would_block:
            stream_.wait_readable();
            return ReadOutcome::waiting;
        case IoStatus::closed:
        case IoStatus::failed:
            break;
    }
    return ReadOutcome::closed;
}

void Connection::stand_in_line() {
    if (is_in_line_) return;
    is_in_line_ = !worker_.requests().lets_in(*this);
    if (!is_in_line_) read_requests();
}

void Connection::resume() {
    is_in_line_ = false;
    if (state_ == State::idle) read_requests();
}

void Connection::read_requests() {
    is_reading_ = true;
    unsigned steps = 0;
    while (state_ == State::idle || state_ == State::reading_head) {
        // Requests that are answered here without a wait could go on for as long as they come.
        if (++steps > kStepsPerTurn) {
            stream_.yield();
            break;
        }
        if (!input_.empty()) {
            if (parse_request()) continue;
            if (state_ != State::reading_head) break;
        }
        const ReadOutcome outcome = read_more();
        if (outcome == ReadOutcome::got_bytes) continue;
        if (outcome == ReadOutcome::closed) {
            close_now();
        } else if (outcome == ReadOutcome::full) {
            state_ = State::exchanging;
            exchange_->begin_refused(*this, auth::Reason::header_too_large);
            continue;
        } else if (input_.empty()) {
            wait_for_request();
        }
        break;
    }
    is_reading_ = false;
}

bool Connection::parse_request() {
    if (state_ == State::idle) {
        state_ = State::reading_head;
        set(worker_.timeouts().header);
    }
    if (exchange_ == nullptr) exchange_ = worker_.take_exchange();
    const auto result = http::parse_request_head(input_.readable(), worker_.head_limits(),
                                                 resume_at_, exchange_->context().head);
    if (result.status == http::ParseStatus::need_more) return false;
    state_ = State::exchanging;
    ++requests_;
    resume_at_ = 0;
    clear();
    if (result.status == http::ParseStatus::refused) {
        exchange_->begin_refused(*this, result.reason);
    } else {
        exchange_->begin(*this);
    }
    return state_ == State::idle || state_ == State::reading_head;
}

void Connection::exchange_done(bool keep_alive, const UnreadBody& unread) {
    worker_.give_back(std::exchange(exchange_, nullptr));
    clear();
    if (!keep_alive || !unread.is_discardable) {
        linger();
        return;
    }
    if (!unread.reader.is_complete()) {
        state_ = State::discarding;
        discard_ = unread.reader;
        discarded_bytes_ = 0;
        set(worker_.timeouts().body_idle);
        discard_body();
        return;
    }
    state_ = State::idle;
    if (is_reading_) return;  // The loop in `read_requests` goes on.
    if (input_.empty()) {
        wait_for_request();
    } else {
        stand_in_line();
    }
}

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
    state_ = State::idle;
    if (is_reading_) return;
    if (input_.empty()) {
        wait_for_request();
    } else {
        stand_in_line();
    }
}

// Closing at once while unread bytes lie in the receive queue makes the kernel send a reset, which
// can destroy the answer before the client has read it. So the sending side closes first.
void Connection::linger() {
    state_ = State::lingering;
    discarded_bytes_ = 0;
    input_.release();
    stream_.shutdown_write();
    linger_until_ = worker_.deadlines().now() + kLingerTime;
    drain_lingering();
}

void Connection::drain_lingering() {
    set_at(std::min(linger_until_, worker_.deadlines().now() + kLingerIdle));
    for (unsigned reads = 0; reads < kReadsPerTurn; ++reads) {
        const IoResult result = stream_.read(worker_.scratch());
        if (result.status == IoStatus::would_block) {
            stream_.wait_readable();
            return;
        }
        discarded_bytes_ += result.bytes;
        if (result.status != IoStatus::done || discarded_bytes_ > kMaxLingerBytes) {
            close_now();
            return;
        }
    }
    stream_.yield();
}

void Connection::drain() {
    if (state_ == State::idle) set(worker_.idle_time());
    if (state_ == State::preface || state_ == State::handshake) close_now();
}

void Connection::probe() {
    if (stream_.hears_end()) return;
    if (state_ == State::idle && !stream_.is_quiet()) stand_in_line();
    if (state_ == State::exchanging) exchange_->probe_downstream();
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
    worker_.give_back(*this);
}

}  // namespace kwikgate::gateway::net
