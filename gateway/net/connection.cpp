#include "gateway/net/connection.hpp"

#include <utility>

#include "gateway/http/request_parser.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"

namespace kwikgate::gateway::net {
namespace {

constexpr unsigned kStepsPerTurn = 64;

}  // namespace

Connection::Connection(Worker& worker)
    : Deadline(worker.deadlines()), worker_(worker), stream_(worker.context(), *this) {}

void Connection::on_readable() {
    was_told_ = true;
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
            read_away();
            break;
        case State::closed:
            break;
    }
}

void Connection::on_writable() {
    if (state_ == State::exchanging) exchange_->on_downstream_writable();
}

void Connection::on_deadline() {
    was_told_ = false;
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
    set(worker_.idle_time(*this));
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
    if (!has_sent()) worker_.places().used(*this);
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
    worker_.places().used(*this);
    clear();
    if (!keep_alive || !unread.is_discardable) {
        linger();
        return;
    }
    if (!unread.reader.is_complete()) {
        state_ = State::discarding;
        discard_ = unread.reader;
        set(worker_.timeouts().body_idle);
        discard_body();
        return;
    }
    take_next_request();
}

void Connection::take_next_request() {
    state_ = State::idle;
    was_told_ = false;
    if (is_reading_) return;  // The loop in `read_requests` goes on.
    if (input_.empty()) {
        wait_for_request();
    } else {
        stand_in_line();
    }
}

void Connection::probe() {
    if (stream_.hears_end()) return;
    if (state_ == State::idle && !stream_.is_quiet()) {
        was_told_ = is_in_line_ && was_told_;
        stand_in_line();
    }
    if (state_ == State::exchanging) exchange_->probe_downstream();
}

}  // namespace kwikgate::gateway::net
