#include "gateway/proxy/span_exporter.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "auth/ascii.hpp"
#include "gateway/http/char_class.hpp"
#include "gateway/json/export_answer.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/telemetry/span_json.hpp"

namespace kwikgate::gateway::proxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kBatchRecords = 256;
constexpr std::size_t kAnswerBytes = 16 * 1024;
constexpr unsigned kTries = 5;
constexpr milliseconds kFirstWait = seconds(1);
constexpr milliseconds kLongestWait = seconds(30);
constexpr seconds kWarningInterval{60};

/// The answers that OTLP lets a client try again after.
bool is_worth_another(unsigned status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/// What Retry-After asks for in seconds; its other form, a date, is not looked at.
seconds wait_asked_for(const http::ResponseHead& head) {
    for (const auth::FieldLine& line : head.fields) {
        if (!http::equal_ignoring_case(line.name, "retry-after")) continue;
        unsigned number = 0;
        if (auth::read_decimal(line.value, number)) return seconds(number);
    }
    return seconds(0);
}

std::size_t count_spans(const std::vector<SpanRecord>& records) {
    std::size_t count = 0;
    for (const SpanRecord& record : records) count += record.spans();
    return count;
}

}  // namespace

SpanExporter::SpanExporter(SpanQueue& queue, SpanCounters& counters)
    : queue_(queue), counters_(counters) {}

// Only for want of memory, which ends the process anyway.
// NOLINTNEXTLINE(bugprone-exception-escape)
SpanExporter::~SpanExporter() {
    finish();
}

void SpanExporter::use(std::shared_ptr<const Collector> collector) {
    queue_.set_capacity(collector == nullptr ? 0 : collector->config.queue);
    if (!thread_.joinable()) {
        if (collector == nullptr) return;
        thread_ = std::thread([this] {
            tick();
            context_.run();
        });
    }
    boost::asio::post(context_, [this, next = std::move(collector)] { take_over(next); });
}

void SpanExporter::finish() {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this] {
        is_ending_ = true;
        end_at_ = net::Clock::now() + kTimeToFlush;
        timer_.cancel();  // Ticks now.
    });
    thread_.join();
}

void SpanExporter::take_over(std::shared_ptr<const Collector> collector) {
    const bool is_same_server = collector != nullptr && collector_ != nullptr &&
                                collector->server.state == collector_->server.state;
    const bool was_on = collector_ != nullptr;
    collector_ = std::move(collector);
    retry_at_ = net::Clock::now();
    if (collector_ != nullptr) {
        const TimePoint due = retry_at_ + collector_->config.interval;
        batch_due_ = was_on ? std::min(batch_due_, due) : due;
    }
    if (is_same_server) return;
    if (collector_ != nullptr) log_info("tracing: spans go to " + collector_->server.name);
    addresses_ = {};
    addresses_version_ = 0;
    address_at_ = 0;
    is_reported_ = false;
    next_warning_ = {};
}

void SpanExporter::tick() {
    const TimePoint now = net::Clock::now();
    wheel_.advance(now);
    if (asked_ == nullptr && request_.is_ready()) go_on(now);
    if (is_ending_ && ((asked_ == nullptr && is_flushed()) || now >= end_at_)) {
        end();
        return;
    }
    timer_.expires_after(net::DeadlineWheel::kTick);
    timer_.async_wait([this](const boost::system::error_code&) { tick(); });
}

void SpanExporter::end() {
    const bool is_cut = !is_flushed();
    request_.stop();
    while (!is_flushed()) {
        drop_batch(SpanDrop::unreachable);
        queue_.take(kBatchRecords, batch_);
    }
    if (is_cut) log_warn("tracing: not all spans were exported before the end");
    work_.reset();
}

void SpanExporter::go_on(TimePoint now) {
    if (collector_ == nullptr) {
        drop_batch(SpanDrop::switched_off);
        return;
    }
    if (batch_.empty()) take_batch(now);
    if (!batch_.empty() && (now >= retry_at_ || is_ending_)) send(now);
}

void SpanExporter::take_batch(TimePoint now) {
    const bool is_due = now >= batch_due_ || is_ending_;
    if (!is_due && queue_.size() < kBatchRecords) return;
    batch_due_ = now + collector_->config.interval;
    queue_.take(kBatchRecords, batch_);
    if (batch_.empty()) return;
    body_ = spans_json(batch_, collector_->config.service_name);
    tries_ = 0;
    retry_at_ = now;
}

void SpanExporter::send(TimePoint now) {
    ++tries_;
    asked_ = collector_;
    if (asked_->server.state->refresh(addresses_version_, addresses_)) address_at_ = 0;
    if (addresses_.size == 0) {
        OwnRequest::Answer none;
        none.why_not = "its name is not known";
        failed(none);
        asked_.reset();
        return;
    }
    milliseconds timeout = asked_->config.timeout;
    if (is_ending_)
        timeout = std::clamp(std::chrono::duration_cast<milliseconds>(end_at_ - now),
                             milliseconds(0), timeout);
    request_.start(asked_->server, asked_->tls.get(), addresses_.addresses[address_at_],
                   asked_->request(body_), timeout, kAnswerBytes);
}

void SpanExporter::on_answer(const OwnRequest::Answer& answer) {
    if (answer.head != nullptr && answer.head->status < 300) {
        accepted(answer.body);
    } else {
        if (answer.head == nullptr && addresses_.size != 0)
            address_at_ = (address_at_ + 1) % addresses_.size;
        failed(answer);
    }
    asked_.reset();
}

void SpanExporter::accepted(std::string_view body) {
    const std::uint64_t all = count_spans(batch_);
    const std::uint64_t rejected = std::min(rejected_spans(body), all);
    counters_.exported.add(all - rejected);
    queue_.count_dropped(rejected, SpanDrop::refused);
    batch_.clear();
    if (std::exchange(is_reported_, false))
        log_info("tracing: spans are exported to " + asked_->server.name + " again");
}

void SpanExporter::failed(const OwnRequest::Answer& answer) {
    counters_.failures.add();
    const http::ResponseHead* head = answer.head;
    tell_failure(head == nullptr ? answer.why_not : "status " + std::to_string(head->status));
    if (head != nullptr && !is_worth_another(head->status)) {
        drop_batch(SpanDrop::refused);
        return;
    }
    if (is_ending_ || tries_ >= kTries) {
        drop_batch(SpanDrop::unreachable);
        return;
    }
    // Twice as long each time, and not at the same moment as every other gateway.
    milliseconds wait = kFirstWait * (1U << (tries_ - 1));
    if (head != nullptr) wait = std::max<milliseconds>(wait, wait_asked_for(*head));
    wait = std::min(wait, kLongestWait);
    const auto half = static_cast<std::uint64_t>(wait.count()) / 2;
    retry_at_ = net::Clock::now() + wait + milliseconds(random_.next() % (half + 1));
}

void SpanExporter::tell_failure(std::string_view why) {
    const TimePoint now = net::Clock::now();
    if (is_reported_ || now < next_warning_) return;
    is_reported_ = true;
    next_warning_ = now + kWarningInterval;
    log_warn("tracing: spans cannot be exported to " + asked_->server.name + ": " +
             std::string(why));
}

void SpanExporter::drop_batch(SpanDrop why) {
    queue_.count_dropped(count_spans(batch_), why);
    batch_.clear();
}

}  // namespace kwikgate::gateway::proxy
