#include "gateway/telemetry/access_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "auth/ip_rules.hpp"
#include "gateway/config/route_pattern.hpp"
#include "gateway/telemetry/json_line.hpp"
#include "gateway/telemetry/timings.hpp"

namespace kwikgate::gateway {
namespace {

/// A descriptor of our own in every case.
int open_destination(const std::string& destination) {
    if (destination == "stdout") return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (destination == "stderr") return ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    return ::open(destination.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

std::string cannot_open(const std::string& destination) {
    return "cannot open access log " + destination + ": " + std::strerror(errno);
}

std::string_view loggable_method(const RequestContext& context) {
    const std::string_view method = context.head.method;
    if (method.empty() || !known_method(method).empty()) return method;
    // One that a route has is no secret.
    return context.route != nullptr && context.route->method == method ? method : "other";
}

}  // namespace

AccessLog::~AccessLog() {
    if (prepared_ >= 0) ::close(prepared_);
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    ::close(descriptor_);
}

std::string AccessLog::open(const std::string& destination) {
    descriptor_ = open_destination(destination);
    if (descriptor_ < 0) return cannot_open(destination);
    thread_ = std::thread([this] { run(); });
    return {};
}

std::string AccessLog::prepare(const std::string& destination) {
    const int descriptor = open_destination(destination);
    if (descriptor < 0) return cannot_open(destination);
    if (prepared_ >= 0) ::close(prepared_);
    prepared_ = descriptor;
    return {};
}

void AccessLog::switch_over() {
    // The writer may be inside write(): the number stays, what it names changes at once.
    ::dup3(prepared_, descriptor_, O_CLOEXEC);
    ::close(std::exchange(prepared_, -1));
}

void AccessLog::submit(std::string& block) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_bytes_ + block.size() > kMaxWaitingBytes) {
            lost_lines_ += static_cast<std::uint64_t>(std::count(block.begin(), block.end(), '\n'));
            block.clear();
            return;
        }
        waiting_bytes_ += block.size();
        waiting_.push_back(std::move(block));
        block = std::string();
        if (!spare_.empty()) {
            block = std::move(spare_.back());
            spare_.pop_back();
        }
    }
    wake_.notify_one();
}

std::uint64_t AccessLog::lost_lines() const {
    const std::lock_guard lock(mutex_);
    return lost_lines_;
}

void AccessLog::run() {
    std::vector<std::string> blocks;
    std::uint64_t reported = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return !waiting_.empty() || is_stopping_; });
        if (waiting_.empty()) return;
        blocks.swap(waiting_);
        const std::uint64_t lost = lost_lines_;
        lock.unlock();
        std::size_t written = 0;
        for (const std::string& block : blocks) {
            write_all(block);
            written += block.size();
        }
        if (lost != reported) {
            std::string note;
            JsonLine line(note);
            line.number("access_log_lines_lost", lost - reported);
            line.end();
            write_all(note);
            reported = lost;
        }
        lock.lock();
        waiting_bytes_ -= written;
        for (std::string& block : blocks) {
            block.clear();
            if (spare_.size() < 16) spare_.push_back(std::move(block));
        }
        blocks.clear();
    }
}

void AccessLog::write_all(std::string_view block) {
    while (!block.empty()) {
        const ssize_t n = ::write(descriptor_, block.data(), block.size());
        if (n >= 0) {
            block.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            pollfd writable{descriptor_, POLLOUT, 0};
            ::poll(&writable, 1, 1000);
        } else if (errno != EINTR) {
            const auto lines = std::count(block.begin(), block.end(), '\n');
            const std::lock_guard lock(mutex_);
            lost_lines_ += static_cast<std::uint64_t>(lines);
            return;
        }
    }
}

AccessLogBuffer::AccessLogBuffer(AccessLog& log) : log_(log) {
    block_.reserve(kBlockBytes);
}

void AccessLogBuffer::append(const RequestContext& context, std::string_view listener,
                             std::string_view peer, std::chrono::system_clock::time_point now,
                             SteadyTime ended_at) {
    const auto since =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
    if (since.count() / 1000 != second_) {
        second_ = since.count() / 1000;
        const auto seconds = static_cast<std::time_t>(second_);
        std::tm parts{};
        ::gmtime_r(&seconds, &parts);
        std::strftime(date_, sizeof date_, "%Y-%m-%dT%H:%M:%S", &parts);
    }
    const auto millis = static_cast<unsigned>(since.count() % 1000);
    std::array<char, sizeof date_ + 4> time;
    std::memcpy(time.data(), date_, sizeof date_ - 1);
    char* digits = time.data() + sizeof date_ - 1;
    digits[0] = '.';
    digits[1] = static_cast<char>('0' + millis / 100);
    digits[2] = static_cast<char>('0' + millis / 10 % 10);
    digits[3] = static_cast<char>('0' + millis % 10);
    digits[4] = 'Z';

    const Timings timings = timings_of(context, ended_at);
    JsonLine line(block_);
    line.word("time", {time.data(), time.size()});
    line.text("request_id", context.request_id.view());
    line.text("listener", listener);
    if (context.is_proxied) {
        auth::IpText client;
        line.text("client", auth::to_text(context.view.client, client));
        line.text("peer", peer);
    } else {
        line.text("client", peer);
    }
    line.text("method", loggable_method(context));
    line.text("route", context.route != nullptr ? std::string_view(context.route->pattern) : "");
    line.number("status", context.status);
    line.word("reason", auth::row(context.decision.reason).token);
    if (!context.decision.allowed()) line.word("phase", auth::to_token(context.decision.phase));
    line.word("termination", to_token(context.termination));
    if (context.is_authenticated) {
        line.text("token", context.principal.id.view());
        line.word("scheme", auth::to_token(context.principal.scheme));
        line.word("environment", auth::to_token(context.principal.environment));
        line.number("secret_generation", context.principal.secret_generation);
    }
    if (context.route != nullptr) {
        line.text("section", context.route->section_slug);
        line.word("access", auth::to_token(context.route->requirement.access));
    }
    if (context.is_preflight) line.boolean("preflight", true);
    if (context.form.secret_exposed) line.boolean("secret_exposed", true);
    line.number("request_bytes", context.request_body_bytes);
    line.number("response_bytes", context.response_bytes);
    line.number("duration_us", timings.total_us);
    line.number("gateway_us", timings.gateway_us);
    line.number("upstream_us", timings.upstream_us);
    if (!context.upstream_name.empty()) {
        line.text("upstream", context.upstream_name);
        line.text("server", context.server_name);
        line.boolean("upstream_reused", context.upstream_reused);
        line.number("attempts", context.attempts);
    }
    line.end();
    if (block_.size() >= kFlushBytes) flush();
}

void AccessLogBuffer::flush() {
    if (block_.empty()) return;
    log_.submit(block_);
    if (block_.capacity() < kBlockBytes) block_.reserve(kBlockBytes);
}

}  // namespace kwikgate::gateway
