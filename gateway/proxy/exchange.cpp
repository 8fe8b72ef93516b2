#include "gateway/proxy/exchange.hpp"

#include <algorithm>

#include "gateway/http/json_check.hpp"
#include "gateway/http/local_reply.hpp"
#include "gateway/net/worker.hpp"
#include "store/clock.hpp"

// From the client to the verdict: the head, who sent it, and what has to be known of the body
// before anything goes upstream.
namespace kwikgate::gateway {

using auth::Phase;
using auth::Reason;
using ReadOutcome = net::Connection::ReadOutcome;

namespace {

std::uint64_t nanoseconds(SteadyTime time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

}  // namespace

Exchange::Exchange(Worker& worker) : worker_(worker) {
    context_.head.fields.reserve(128);
    response_.fields.reserve(64);
    request_head_.reserve(2048);
    response_head_.reserve(2048);
}

void Exchange::reset() {
    context_.clear();
    held_.release();
    head_.release();
    held_body_ = {};
    held_in_input_ = 0;
    downstream_ = nullptr;
    runtime_ = nullptr;
    listener_ = nullptr;
    pool_ = nullptr;
    upstream_ = nullptr;
    state_ = State::unused;
    plan_ = BodyPlan::none;
    is_queued_ = is_continue_sent_ = has_begun_body_ = is_request_sent_ = is_request_given_up_ =
        false;
    has_response_bytes_ = is_response_begun_ = is_response_blocked_ = false;
    keep_alive_ = checks_digest_ = false;
    interim_responses_ = 0;
    response_resume_at_ = 0;
    request_head_.clear();
    body_.start(http::BodyFraming::none, 0);
}

const Config& Exchange::config() const {
    return runtime_->runtime->config;
}

void Exchange::start(net::Connection& downstream) {
    downstream_ = &downstream;
    runtime_ = worker_.lease_runtime();
    listener_ = &downstream.listener();
    context_.started_at = std::chrono::steady_clock::now();
    context_.shares = runtime_;
    context_.received_at = store::current_time();
    give_up_at_ = worker_.deadlines().now() + config().timeouts.request;
}

void Exchange::begin_refused(net::Connection& downstream, Reason reason) {
    start(downstream);
    http::assign_request_id({}, worker_.ids(), context_.request_id);
    refuse(reason, Phase::framing);
}

void Exchange::begin(net::Connection& downstream) {
    start(downstream);
    const http::RequestHead& head = context_.head;
    body_.start(head.framing, head.content_length);
    context_.take_view();
    if (const Reason reason = settle_origin(); reason != Reason::none) {
        refuse(reason, Phase::framing);
        return;
    }
    if (worker_.sheds()) {
        refuse(Reason::overloaded, Phase::framing);
        return;
    }
    context_.judged_at = context_.received_at;
    const Step step = worker_.pipeline().judge(*runtime_->runtime, context_, context_.judged_at,
                                               nanoseconds(context_.started_at));
    if (step == Step::refuse) {
        refuse(context_.decision.reason, context_.decision.phase);
        return;
    }
    if (step == Step::options) {
        answer_options();
        return;
    }
    if (step == Step::preflight) {
        answer_preflight();
        return;
    }
    choose_body_plan(step);
    if (plan_ == BodyPlan::none || plan_ == BodyPlan::stream) {
        forward();
    } else {
        hold_body();
    }
}

Reason Exchange::settle_origin() {
    const bool is_served = context_.settle_origin(*listener_, downstream_->peer_address());
    const auto* id = context_.view.find(auth::FieldName::x_request_id);
    http::assign_request_id(id != nullptr ? id->value : std::string_view{}, worker_.ids(),
                            context_.request_id);
    begin_trace();
    return is_served ? Reason::none : Reason::bad_host;
}

void Exchange::choose_body_plan(Step step) {
    const http::RequestHead& head = context_.head;
    const std::size_t limit = config().limits.held_body_bytes;
    const bool fits = head.framing == http::BodyFraming::content_length
                          ? head.content_length <= limit
                          : head.framing == http::BodyFraming::chunked;
    if (step == Step::read_form) {
        plan_ = BodyPlan::hold_for_form;
    } else if (step == Step::check_digest) {
        digest_.start(context_.signature.digests);
        checks_digest_ = true;
        // What must be JSON is held whole, however it proved who sent it.
        const bool is_held = fits || context_.route->check_json;
        plan_ = is_held ? BodyPlan::hold_for_digest : BodyPlan::stream;
    } else if (body_.is_complete()) {
        plan_ = BodyPlan::none;
    } else if (context_.route->check_json || fits) {
        // A small body is collected first: a slow client then costs the upstream nothing, and head
        // and body leave in one write. Chunks do not say how many come: what turns out too long
        // becomes a stream.
        plan_ = BodyPlan::hold;
    } else {
        plan_ = BodyPlan::stream;
    }
}

void Exchange::send_continue() {
    if (is_continue_sent_ || !context_.head.expects_continue || body_.is_complete()) return;
    is_continue_sent_ = true;
    const std::size_t there = downstream_->input().readable().size();
    if (there > (head_.has_block() ? 0 : context_.head.head_bytes)) return;  // It did not wait.
    iovec piece{const_cast<char*>(http::kContinue.data()), http::kContinue.size()};
    // Nothing was sent on this connection since the last answer went out whole: 25 bytes fit, and a
    // client that does not take them is found out by the body's deadline.
    (void)downstream_->stream().write({&piece, 1});
}

bool Exchange::took_input(ReadOutcome outcome) {
    if (outcome == ReadOutcome::waiting) {
        await_body();
    } else if (outcome == ReadOutcome::closed) {
        abandon(Termination::downstream_closed);
    }
    return outcome == ReadOutcome::got_bytes;
}

bool Exchange::read_downstream() {
    return took_input(downstream_->read_more());
}

bool Exchange::read_downstream_into(std::span<char> room, std::size_t& bytes) {
    return took_input(downstream_->read_into(room, bytes));
}

/// Lets the input go on without the head, which `context_` borrows to the end of the request: the
/// head's block is kept here and what lies behind it moves to a fresh, larger one.
void Exchange::keep_head() {
    net::Buffer& input = downstream_->input();
    net::Buffer next = worker_.relay_buffers().take();
    next.append(input.readable().substr(context_.head.head_bytes));
    head_ = std::move(input);
    input = std::move(next);
}

void Exchange::hold_body() {
    state_ = State::holding;
    const http::RequestHead& head = context_.head;
    if (body_.is_complete()) {  // A form without a body.
        body_is_held();
        return;
    }
    const bool is_fixed = head.framing == http::BodyFraming::content_length;
    if (is_fixed && head.content_length > config().limits.held_body_bytes) {
        refuse(Reason::body_too_large, Phase::body);
        return;
    }
    has_begun_body_ = true;
    send_continue();
    const std::string_view there = downstream_->input().readable().substr(head.head_bytes);
    if (is_fixed && there.size() >= head.content_length) {
        // It came with its head: used where it lies.
        held_body_ = there.substr(0, static_cast<std::size_t>(head.content_length));
        held_in_input_ = held_body_.size();
        body_.step(held_body_);
        if (checks_digest_) digest_.update(held_body_);
        body_is_held();
        return;
    }
    held_ = worker_.held_buffers().take();
    if (is_fixed) {
        held_in_input_ = there.size();
        held_.append(there);
    } else {
        keep_head();
    }
    continue_holding();
}

void Exchange::continue_holding() {
    const bool is_fixed = context_.head.framing == http::BodyFraming::content_length;
    if (!(is_fixed ? hold_fixed() : hold_chunked())) return;
    context_.judged_at = store::current_time();  // It may have been waited for.
    held_body_ = held_.readable();
    body_is_held();
}

bool Exchange::hold_fixed() {
    const auto length = static_cast<std::size_t>(context_.head.content_length);
    while (held_.readable().size() < length) {
        std::size_t bytes = 0;
        const std::size_t missing = length - held_.readable().size();
        if (!read_downstream_into(held_.writable().first(missing), bytes)) return false;
        held_.commit(bytes);
    }
    body_.step(held_.readable());
    if (checks_digest_) digest_.update(held_.readable());
    return true;
}

bool Exchange::hold_chunked() {
    net::Buffer& input = downstream_->input();
    const std::size_t limit = config().limits.held_body_bytes;
    for (;;) {
        const http::ChunkStep step = body_.step(input.readable());
        if (step.status == http::ChunkStatus::refused) {
            refuse(Reason::bad_framing, Phase::body);
            return false;
        }
        if (body_.body_bytes() > context_.route->body_bytes) {
            refuse(Reason::body_too_large, Phase::body);
            return false;
        }
        if (checks_digest_) digest_.update(step.data);
        held_.append(step.data);  // A block holds the limit and one more input buffer.
        input.consume(step.consumed);
        if (held_.readable().size() > limit) {
            if (plan_ != BodyPlan::hold_for_form && !context_.route->check_json) {
                // Too large to hold: what was read becomes the start of a stream.
                plan_ = BodyPlan::stream;
                held_body_ = held_.readable();
                context_.judged_at = store::current_time();
                forward();
            } else {
                refuse(Reason::body_too_large, Phase::body);
            }
            return false;
        }
        if (body_.is_complete()) return true;
        if (step.status == http::ChunkStatus::need_more && !read_downstream()) return false;
    }
}

/// A refusal after `judge`, where that counts the failures of an address.
void Exchange::refuse_late(auth::Decision decision) {
    context_.decision = decision;
    worker_.pipeline().note_refusal(context_, nanoseconds(std::chrono::steady_clock::now()));
    refuse(decision.reason, decision.phase);
}

void Exchange::body_is_held() {
    downstream_->clear_deadline();
    context_.request_body_bytes = held_body_.size();
    if (plan_ == BodyPlan::hold_for_digest && !digest_.finish()) {
        refuse_late(auth::Decision::refuse(Reason::digest_mismatch, Phase::body));
        return;
    }
    if (plan_ == BodyPlan::hold_for_form) {
        const Step step = worker_.pipeline().judge_form(
            *runtime_->runtime, context_, held_body_, context_.judged_at,
            nanoseconds(std::chrono::steady_clock::now()));
        if (step == Step::refuse) {
            refuse(context_.decision.reason, context_.decision.phase);
            return;
        }
    }
    // Without content there is nothing to check, however its end is told.
    const bool is_checked = context_.route->check_json && !held_body_.empty();
    if (is_checked && !worker_.json_check().is_valid(held_body_)) {
        refuse(Reason::body_invalid, Phase::body);
        return;
    }
    forward();
}

}  // namespace kwikgate::gateway
