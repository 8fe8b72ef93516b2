#include "bench/load/engine.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "bench/load/cpu_time.hpp"
#include "store/clock.hpp"

namespace kwikgate::bench {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::chrono::milliseconds kLongestWait{20};
constexpr std::chrono::milliseconds kTimeoutCheck{100};

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Engine::Engine(const LoadPlan& plan, const RequestPlan& requests, std::size_t index)
    : plan_(plan), source_(requests, index, plan.threads), buffer_(kBufferBytes), index_(index) {
    const std::size_t share =
        plan.connections / plan.threads + (index < plan.connections % plan.threads ? 1 : 0);
    for (std::size_t i = 0; i < share; ++i) clients_.push_back(std::make_unique<Client>());
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) fail("epoll_create1");
    if (plan.rate > 0) interval_ = interval_of(plan.warmup_rate > 0 ? plan.warmup_rate : plan.rate);
}

std::chrono::steady_clock::duration Engine::interval_of(double rate) const {
    return std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(static_cast<double>(plan_.threads) / rate));
}

Engine::~Engine() {
    for (const auto& client : clients_)
        if (client->descriptor >= 0) ::close(client->descriptor);
    ::close(epoll_);
}

void Engine::connect_all() {
    for (const auto& client : clients_) open(*client);
}

void Engine::open(Client& client) {
    client.descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client.descriptor < 0) fail("socket");
    const auto* address = reinterpret_cast<const sockaddr*>(&plan_.target);
    if (::connect(client.descriptor, address, sizeof plan_.target) != 0) fail("connect");
    const int on = 1;
    ::setsockopt(client.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
    event.data.ptr = &client;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.descriptor, &event) != 0) fail("epoll_ctl");
    client.answer.reset();
    client.is_busy = client.waits_to_write = false;
    free_.push_back(&client);
}

void Engine::reopen(Client& client) {
    ::close(client.descriptor);
    std::erase(free_, &client);
    open(client);
    if (interval_.count() == 0) became_free(client, Clock::now());
}

void Engine::run(Clock::time_point start) {
    measure_from_ = start + plan_.warmup;
    measure_until_ = measure_from_ + plan_.duration;
    // The threads' schedules interleave.
    next_due_ = start + interval_ * static_cast<std::int64_t>(index_) /
                            static_cast<std::int64_t>(plan_.threads);
    if (interval_.count() == 0) {
        free_.clear();
        const auto now = Clock::now();
        for (const auto& client : clients_) became_free(*client, now);
    }
    while (!is_over_) {
        const auto now = Clock::now();
        check_phase(now);
        if (is_over_) break;
        if (interval_.count() != 0) send_due(now);
        if (now >= next_timeout_check_) check_timeouts(now);
        wait(now);
    }
}

void Engine::check_phase(Clock::time_point now) {
    if (!is_measuring_ && now >= measure_from_) {
        is_measuring_ = true;
        if (index_ == 0) cpu_before_ = cpu_seconds(plan_.watched);
        measure_from_ = Clock::now();
        measure_until_ = measure_from_ + plan_.duration;
        if (plan_.rate > 0) interval_ = interval_of(plan_.rate);
    }
    if (is_measuring_ && now >= measure_until_) {
        is_over_ = true;
        if (index_ == 0) measured_.cpu_seconds = cpu_seconds(plan_.watched) - cpu_before_;
        measured_.seconds = std::chrono::duration<double>(now - measure_from_).count();
        if (interval_.count() != 0) count_backlog(now);
    }
}

// Requests that were due and not answered by the end have waited at least until now: left out, a
// server that stalls would look better than one that is slow.
void Engine::count_backlog(Clock::time_point now) {
    for (const auto& client : clients_) {
        if (!client->is_busy) continue;
        ++measured_.unanswered;
        measured_.latency.record(static_cast<std::uint64_t>((now - client->due).count()));
    }
    for (; next_due_ < now; next_due_ += interval_) {
        ++measured_.unanswered;
        measured_.latency.record(static_cast<std::uint64_t>((now - next_due_).count()));
    }
}

void Engine::wait(Clock::time_point now) {
    std::chrono::nanoseconds longest = kLongestWait;
    if (interval_.count() != 0 && !free_.empty())
        longest = std::clamp<std::chrono::nanoseconds>(next_due_ - now, std::chrono::nanoseconds{0},
                                                       longest);
    const timespec timeout{0, static_cast<long>(longest.count())};
    std::array<epoll_event, 256> events;
    const int count =
        ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
        auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
        const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
        if ((what & EPOLLOUT) != 0 && client.waits_to_write) write_rest(client);
        if ((what & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) receive(client);
    }
}

void Engine::send_due(Clock::time_point now) {
    while (next_due_ <= now && !free_.empty()) {
        Client& client = *free_.back();
        send(client, next_due_, now);
        next_due_ += interval_;
    }
}

void Engine::became_free(Client& client, Clock::time_point now) {
    if (interval_.count() != 0) {
        free_.push_back(&client);
    } else {
        send(client, now, now);
    }
}

void Engine::send(Client& client, Clock::time_point due, Clock::time_point now) {
    if (!free_.empty() && free_.back() == &client) free_.pop_back();
    source_.next(store::current_time(), client.request);
    client.is_busy = true;
    client.written = 0;
    client.due = due;
    client.sent_at = now;
    write_rest(client);
}

void Engine::write_rest(Client& client) {
    const Request& request = client.request;
    const std::size_t total = request.head.size() + request.body.size();
    while (client.written < total) {
        const std::size_t in_head = std::min(client.written, request.head.size());
        const std::size_t in_body = client.written - in_head;
        std::array<iovec, 2> pieces = {
            iovec{const_cast<char*>(request.head.data()) + in_head, request.head.size() - in_head},
            iovec{const_cast<char*>(request.body.data()) + in_body, request.body.size() - in_body}};
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = request.body.empty() ? 1 : 2;
        const ssize_t n = ::sendmsg(client.descriptor, &message, MSG_NOSIGNAL);
        if (n < 0) {
            // A closed connection shows as readable too: what it answered first is read there.
            client.waits_to_write = errno == EAGAIN || errno == EWOULDBLOCK;
            return;
        }
        client.written += static_cast<std::size_t>(n);
        if (is_measuring_) measured_.bytes_out += static_cast<std::uint64_t>(n);
    }
    client.waits_to_write = false;
}

void Engine::receive(Client& client) {
    for (;;) {
        const ssize_t n = ::recv(client.descriptor, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (n <= 0) {
            if (client.is_busy && is_measuring_) ++measured_.broken;
            reopen(client);
            return;
        }
        if (is_measuring_) measured_.bytes_in += static_cast<std::uint64_t>(n);
        std::string_view input(buffer_.data(), static_cast<std::size_t>(n));
        if (!client.is_busy) {  // An answer that nobody asked for.
            if (is_measuring_) ++measured_.broken;
            reopen(client);
            return;
        }
        switch (client.answer.feed(input)) {
            case AnswerReader::Status::need_more:
                // A short read emptied the socket: more brings a new event.
                if (static_cast<std::size_t>(n) < buffer_.size()) return;
                continue;
            case AnswerReader::Status::broken:
                if (is_measuring_) ++measured_.broken;
                reopen(client);
                return;
            case AnswerReader::Status::complete:
                answered(client);
                return;
        }
    }
}

void Engine::answered(Client& client) {
    const auto now = Clock::now();
    const unsigned status = client.answer.status();
    if (is_measuring_ && now < measure_until_) {
        const auto from = interval_.count() != 0 ? client.due : client.sent_at;
        const auto latency = static_cast<std::uint64_t>((now - from).count());
        measured_.latency.record_corrected(
            latency, interval_.count() != 0
                         ? 0
                         : static_cast<std::uint64_t>(plan_.expected_interval.count()));
        if (measured_.count(client.request.kind, status, client.answer.reason()))
            measured_.served_latency.record(latency);
    }
    if (status >= 200 && status < 300) source_.accepted(client.request);
    const bool keeps_alive =
        client.answer.keeps_alive() &&
        client.written == client.request.head.size() + client.request.body.size();
    client.answer.reset();
    client.is_busy = false;
    if (keeps_alive) {
        became_free(client, now);
    } else {
        reopen(client);
    }
}

void Engine::check_timeouts(Clock::time_point now) {
    next_timeout_check_ = now + kTimeoutCheck;
    for (const auto& client : clients_) {
        if (!client->is_busy || now - client->sent_at < plan_.request_timeout) continue;
        if (is_measuring_) ++measured_.timed_out;
        reopen(*client);
    }
}

}  // namespace kwikgate::bench
