
#include "gateway/http/cors.hpp"
#include "gateway/http/local_reply.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"
#include "store/clock.hpp"

// How a request ends: the whole answer, a refusal, or one side going away. Always with one log
// line.
namespace kwikgate::gateway {

using auth::Phase;
using auth::Reason;

namespace {

bool is_whole(http::BodyReader body, std::string_view input) {
    http::ChunkStep step{http::ChunkStatus::data, 0, {}};
    while (step.status == http::ChunkStatus::data && !body.is_complete()) {
        step = body.step(input);
        input.remove_prefix(step.consumed);
    }
    return body.is_complete();
}

}  // namespace

void Exchange::refuse(Reason reason, Phase phase) {
    context_.decision = auth::Decision::refuse(reason, phase);
    if (worker_.debug_capture().is_on()) capture_refusal();
    // Whatever the upstream got so far must not become a complete message.
    if (pool_ != nullptr) pool_->cancel(*this);
    release_upstream(false);
    if (has_answered()) {
        abandon(Termination::upstream_aborted);
        return;
    }
    is_response_begun_ = is_response_blocked_ = false;  // Its head was read and never sent.
    write_reply();
    send_reply();
}

void Exchange::answer_options() {
    context_.status = 204;
    keep_alive_ = may_keep_alive(false);
    const auto allowed = runtime_->runtime->routes.allowed_methods(context_.view.path);
    response_head_.clear();
    http::write_options_reply(allowed.to_text(), context_.request_id.view(), keep_alive_,
                              response_head_);
    send_reply();
}

void Exchange::answer_preflight() {
    context_.status = 204;
    keep_alive_ = may_keep_alive(false);
    http::PreflightReply reply;
    reply.origin = context_.cors_origin;
    reply.method = context_.route->method;
    reply.date = worker_.date_text().at(context_.received_at);
    reply.request_id = context_.request_id.view();
    reply.keep_alive = keep_alive_;
    response_head_.clear();
    http::write_preflight_reply(reply, response_head_);
    send_reply();
}

void Exchange::send_reply() {
    state_ = State::replying;
    downstream_->set_deadline_at(worker_.deadlines().now() + worker_.timeouts().write_idle);
    request_relay_.start_held(response_head_, {});
    flush_reply();
}

bool Exchange::may_keep_alive(bool reason_closes) const {
    const http::RequestHead& head = context_.head;
    const bool waits_to_send = head.expects_continue && !is_continue_sent_ && !body_.is_complete();
    // A request that is shed was understood; to connect anew would cost more than what was refused.
    const bool is_shed = context_.decision.reason == Reason::overloaded && head.head_bytes != 0;
    return head.keep_alive && !reason_closes && !waits_to_send &&
           (context_.decision.allowed() || context_.decision.phase != Phase::framing || is_shed) &&
           worker_.keeps_alive(*downstream_) && unread_body().is_discardable;
}

void Exchange::write_reply() {
    const auth::ReasonRow& row = auth::row(context_.decision.reason);
    const http::RequestHead& head = context_.head;
    context_.status = row.status;
    keep_alive_ = may_keep_alive(row.closes_connection);

    http::LocalReply reply;
    reply.reason = context_.decision.reason;
    reply.date = worker_.date_text().at(store::current_time());
    reply.request_id = context_.request_id.view();
    if (const auto* accept = context_.view.find(auth::FieldName::accept))
        reply.accept = accept->value;
    reply.head_request = head.method == "HEAD";
    reply.keep_alive = keep_alive_;
    reply.cors_origin = context_.cors_origin;
    const std::string allow = context_.match.allowed_methods.to_text();
    reply.allow = allow;
    reply.retry_after_seconds = worker_.retry_after(context_);
    tell_limit(reply);
    auth::SignatureReport report;
    std::string accept_signature;
    if (const Route* route = context_.route) {
        const auto& needs = route->requirement;
        reply.needed_section = route->section_slug;
        reply.needed_access = needs.access;
        if (needs.section)
            reply.held_access = context_.principal.writable.contains(*needs.section) ? "read-write"
                                : context_.principal.readable.contains(*needs.section) ? "read"
                                                                                       : "none";
        reply.offers_basic = needs.schemes.contains(auth::Scheme::basic);
        reply.offers_signature = needs.schemes.contains(auth::Scheme::signature);
        reply.offers_public_key = needs.schemes.contains(auth::Scheme::public_key);
        reply.accept_signature =
            auth::accept_signature_field(context_.view, route->wanted, accept_signature);
    }
    tell_signature(reply, report);
    response_head_.clear();
    http::write_local_reply(reply, response_head_);
}

/// For test and debug tokens: what is wrong with the signature. `report` owns what `reply` borrows.
void Exchange::tell_signature(http::LocalReply& reply, auth::SignatureReport& report) {
    if (!context_.signature.may_explain || signature_cause(context_) == auth::SignatureFault::none)
        return;
    auth::SignatureFault cause{};
    const bool is_body_wrong = context_.decision.phase == Phase::body;
    const std::string digest = is_body_wrong ? digest_.found() : std::string();
    report = worker_.pipeline().report_signature(context_, store::current_time(), digest, cause);
    reply.signature_base = report.base;
    reply.signature_words = report.words;
    reply.authority = context_.view.authority;
    reply.authority_from = context_.authority_from();
    reply.scheme = context_.view.scheme;
    reply.scheme_from = context_.scheme_from();
    const auth::SignatureFaultRow& cause_row = auth::row(cause);
    reply.signature_cause = cause_row.token;
    reply.signature_advice = cause_row.advice;
}

void Exchange::tell_limit(http::LocalReply& reply) const {
    if (context_.has_rate) {
        reply.limit_quota = context_.rate_limit.requests_per_second;
        reply.limit_burst = context_.rate_limit.burst;
        reply.limit_remaining = context_.rate.remaining;
    } else if (context_.decision.reason == Reason::address_limited) {
        reply.limit_policy = "address";
        reply.limit_quota = config().address_limit.failures_per_minute;
        reply.limit_window_seconds = 60;
        reply.limit_burst = config().address_limit.burst;
    }
}

void Exchange::flush_reply() {
    switch (request_relay_.pump(downstream_->input(), downstream_->stream())) {
        case proxy::RelayStatus::complete:
            context_.response_bytes = request_relay_.wire_bytes();
            end(keep_alive_);
            return;
        case proxy::RelayStatus::blocked:
            downstream_->stream().wait_writable();
            return;
        default:
            abandon(Termination::downstream_closed);
            return;
    }
}

void Exchange::on_downstream_writable() {
    if (state_ == State::replying) {
        flush_reply();
    } else if (state_ == State::relaying && is_response_blocked_) {
        is_response_blocked_ = false;
        reader_pace_.rest(worker_.deadlines().now());
        downstream_->set_deadline_at(give_up_at_);
        upstream_->set_deadline(pool_->upstream().config.idle_timeout);
        pump_response();
    }
}

void Exchange::on_downstream_deadline() {
    if (is_reader_due()) {
        if (!reader_keeps_pace()) abandon(Termination::downstream_slow);
        return;
    }
    const bool waits_for_body =
        state_ == State::holding || (state_ == State::relaying && !is_request_sent_);
    const bool waits_for_upstream =
        state_ == State::relaying && is_response_begun_ && is_request_sent_;
    if (waits_for_upstream && !is_response_blocked_) {
        // The whole took too long, and it is not the client who is waited for. No fault of the
        // server's by itself: a long answer may be an honest one.
        context_.decision = auth::Decision::refuse(Reason::upstream_timeout, Phase::deliver);
        abandon(Termination::upstream_aborted);
    } else if (state_ == State::replying || is_response_begun_) {
        abandon(Termination::downstream_timeout);
    } else if (waits_for_body) {
        refuse(Reason::request_timeout, Phase::body);
    } else {
        refuse(is_queued_ ? Reason::overloaded : Reason::upstream_timeout, Phase::upstream);
    }
}

void Exchange::finish_response() {
    context_.response_bytes = response_relay_.wire_bytes();
    pool_->note_success(*upstream_);
    finished_.is_request_sent = is_request_sent_;
    const bool trusts_bodyless = pool_->upstream().config.reuse_bodyless;
    release_upstream(proxy::judge_reuse(finished_, trusts_bodyless) == proxy::Reuse::allowed);
    end(keep_alive_);
}

void Exchange::abandon(Termination termination) {
    context_.termination = termination;
    // An answer of our own goes out through the request's relay.
    context_.response_bytes = is_response_begun_          ? response_relay_.wire_bytes()
                              : state_ == State::replying ? request_relay_.wire_bytes()
                                                          : 0;
    if (pool_ != nullptr) pool_->cancel(*this);
    release_upstream(false);
    record_outcome();
    runtime_->release();
    // A client must never take what it has for a whole answer; where only the end of the connection
    // would tell it so, that end is a reset.
    downstream_->exchange_aborted(has_answered());
}

void Exchange::abort() {
    const bool is_unsent = state_ == State::holding || state_ == State::connecting;
    if (is_unsent) {
        refuse(Reason::draining, state_ == State::holding ? Phase::body : Phase::upstream);
        return;
    }
    // The upstream may have acted on it: a 503 would invite the client to send it again.
    if (context_.decision.allowed())
        context_.decision = auth::Decision::refuse(
            Reason::draining, is_response_begun_ ? Phase::deliver : Phase::upstream);
    abandon(Termination::downstream_timeout);
}

net::UnreadBody Exchange::unread_body() const {
    net::UnreadBody unread;
    if (is_request_sent_ || body_.is_complete()) return unread;
    unread.reader = body_;
    if (has_begun_body_) {
        unread.is_discardable = false;
        return unread;
    }
    // A promise to keep the connection is kept only if what is still to come is known to be small:
    // chunks end anywhere, so theirs is to be here already.
    const http::RequestHead& head = context_.head;
    unread.is_discardable =
        head.framing == http::BodyFraming::chunked
            ? is_whole(body_, downstream_->input().readable().substr(head.head_bytes))
            : head.content_length <= worker_.limits().held_body_bytes;
    return unread;
}

void Exchange::end(bool keep_alive) {
    record_outcome();
    net::UnreadBody unread = unread_body();
    // The head, and what was taken of the body where it lay, leave the input only now: until here
    // the context borrowed them.
    if (!head_.has_block() && keep_alive)
        downstream_->input().consume(context_.head.head_bytes + held_in_input_);
    runtime_->release();
    downstream_->exchange_done(keep_alive, unread);
}

void Exchange::record_outcome() {
    const auto ended_at = std::chrono::steady_clock::now();
    const auto now = std::chrono::system_clock::now();
    const bool was_let_in = context_.is_authenticated && context_.attempts != 0;
    if (was_let_in) {
        const auto& needs = context_.route->requirement;
        worker_.usage().record(context_.principal, needs.section,
                               needs.access == auth::Access::write,
                               std::chrono::time_point_cast<std::chrono::milliseconds>(now));
    }
    worker_.metrics().record(context_,
                             context_.route != nullptr
                                 ? runtime_->route_slots[context_.route->index]
                                 : Metrics::kNoRoute,
                             pool_ != nullptr ? &pool_->counters() : nullptr, ended_at);
    worker_.access_log().append(context_, listener_->name, downstream_->peer_text(), now, ended_at);
    if (context_.span_id != 0) record_span(now, ended_at);
}

}  // namespace kwikgate::gateway
