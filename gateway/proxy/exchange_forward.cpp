#include <algorithm>

#include "gateway/http/forwarding.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"
#include "store/clock.hpp"

// From the verdict to the upstream: a connection, and the request on its way there.
namespace kwikgate::gateway {

using auth::Access;
using auth::Phase;
using auth::Reason;
using http::BodyFraming;
using proxy::RelayStatus;

/// The first attempt; another one goes by `connect`. Whatever else may refuse the request stands
/// before this: it leaves nothing behind then, and from here on its nonce is used up.
void Exchange::forward() {
    const auth::Decision decision =
        worker_.pipeline().record_nonce(*runtime_->runtime, context_, context_.judged_at);
    if (decision.allowed()) {
        connect();
    } else {
        refuse_late(decision);
    }
}

void Exchange::connect() {
    state_ = State::connecting;
    const int index =
        runtime_->runtime->upstream_for(*context_.route, context_.principal.environment);
    pool_ = runtime_->pools[static_cast<std::size_t>(index)].get();
    context_.upstream_name = pool_->upstream().config.name;
    ++context_.attempts;
    proxy::Wanted wanted;
    wanted.token = context_.principal.number;
    const bool is_write = context_.route->requirement.access == Access::write;
    wanted.must_look = is_write || !downstream_->was_told();
    wanted.is_retry = context_.attempts > 1;
    wanted.came_through_ring = downstream_->stream().hears_end();
    const proxy::Acquired acquired = pool_->acquire(*this, wanted);
    if (acquired.connection != nullptr) {
        start_relay(*acquired.connection);
    } else if (acquired.is_pending) {
        is_queued_ = acquired.is_queued;
        const auto queue_end = worker_.deadlines().now() + pool_->upstream().config.connect_timeout;
        downstream_->set_deadline_at(is_queued_ ? std::min(give_up_at_, queue_end) : give_up_at_);
        downstream_->watch();
    } else {
        on_upstream_unavailable(acquired.reason);
    }
}

void Exchange::on_upstream_connected(proxy::UpstreamConnection& connection) {
    downstream_->clear_deadline();
    start_relay(connection);
}

void Exchange::on_upstream_unavailable(Reason reason) {
    // Not a byte was written: another try is safe for reads and writes alike.
    const bool is_worth_it = reason == Reason::upstream_unreachable ||
                             (reason == Reason::upstream_timeout && pool_->has_another(*this));
    if (is_worth_it && context_.attempts <= pool_->upstream().config.retries) {
        connect();
        return;
    }
    refuse(reason, Phase::upstream);
}

void Exchange::write_request_head() {
    const http::RequestHead& head = context_.head;
    const UpstreamConfig& upstream = pool_->upstream().config;
    const bool is_held = plan_ != BodyPlan::stream && plan_ != BodyPlan::none;
    http::ForwardingContext forwarding;
    forwarding.host = upstream.host;
    forwarding.credentials = upstream.credentials;
    forwarding.replacement_authorization = pool_->upstream().replacement_authorization;
    forwarding.request_id = context_.request_id.view();
    forwarding.traceparent = context_.traceparent.view();
    forwarding.continues_trace = context_.continues_trace;
    forwarding.client_address = downstream_->peer_text();
    forwarding.keeps_chain = context_.keeps_chain;
    forwarding.scheme = context_.view.scheme;
    forwarding.forwarded_host =
        context_.forwarded_host.empty() ? head.authority : context_.forwarded_host;
    forwarding.client_certificate = downstream_->client_certificate();
    forwarding.principal = &context_.principal;
    forwarding.section = context_.route->section_slug;
    forwarding.access = context_.route->requirement.access;
    forwarding.method = head.method;
    forwarding.via = upstream.via;
    forwarding.identity_key = pool_->upstream().identity_key.get();
    if (forwarding.identity_key != nullptr)
        forwarding.sent_at =
            std::chrono::floor<std::chrono::seconds>(store::current_time().time_since_epoch())
                .count();
    // A held body has a known length, however it came.
    forwarding.framing = is_held ? BodyFraming::content_length : head.framing;
    forwarding.content_length = is_held ? held_body_.size() : head.content_length;
    http::write_upstream_request_head(head, forwarding, request_head_);
}

void Exchange::start_relay(proxy::UpstreamConnection& connection) {
    state_ = State::relaying;
    upstream_ = &connection;
    is_queued_ = false;
    is_request_sent_ = is_request_given_up_ = false;  // As they were left by the attempt before.
    finished_ = {};
    context_.server_name = connection.server_name();
    context_.upstream_reused = connection.is_reused();
    context_.upstream_begun_at = std::chrono::steady_clock::now();
    if (request_head_.empty()) write_request_head();
    if (plan_ == BodyPlan::stream) {
        if (!head_.has_block()) keep_head();
        send_continue();
        has_begun_body_ = true;
        const TimeoutsConfig& timeouts = config().timeouts;
        sender_pace_.start(config().limits.min_rate_bytes, timeouts.min_rate_after,
                           timeouts.body_idle);
    }
    auth::ContentDigest* digest = checks_digest_ ? &digest_ : nullptr;
    const std::size_t limit = context_.route->body_bytes;
    if (plan_ != BodyPlan::stream) {
        request_relay_.start_held(request_head_, held_body_);
    } else if (!held_body_.empty()) {
        request_relay_.start_after(request_head_, body_, held_body_, BodyFraming::chunked, limit,
                                   digest);
    } else {
        const http::RequestHead& head = context_.head;
        request_relay_.start(request_head_, head.framing, head.content_length, head.framing, limit,
                             digest);
    }
    connection.stream().wait_readable();
    pump_request();
}

void Exchange::pump_request() {
    for (unsigned reads = 1;; ++reads) {
        switch (request_relay_.pump(downstream_->input(), upstream_->stream())) {
            case RelayStatus::need_input:
                if (!is_response_begun_) upstream_->clear_deadline();  // It waits for the client.
                if (reads > net::kReadsPerTurn) {
                    downstream_->stream().yield();
                    await_body();
                    return;
                }
                if (!read_downstream()) return;
                continue;
            case RelayStatus::blocked:
                sender_pace_.rest(worker_.deadlines().now());
                upstream_->stream().wait_writable();
                if (is_response_blocked_) return await_room();
                upstream_->set_deadline(pool_->upstream().config.idle_timeout);
                downstream_->set_deadline_at(give_up_at_);
                return;
            case RelayStatus::complete:
                request_is_sent();
                return;
            case RelayStatus::malformed:
                refuse(Reason::bad_framing, Phase::body);
                return;
            case RelayStatus::too_large:
                refuse(Reason::body_too_large, Phase::body);
                return;
            case RelayStatus::digest_mismatch:
                refuse_late(auth::Decision::refuse(Reason::digest_mismatch, Phase::body));
                return;
            case RelayStatus::sink_failed:
                // It may have answered before it closed: its answer, if any, is read first.
                is_request_given_up_ = true;
                pump_response();
                return;
        }
    }
}

bool Exchange::takes_input() const {
    if (state_ == State::relaying) return !is_request_sent_ && !is_request_given_up_;
    return state_ == State::holding;
}

void Exchange::on_downstream_readable() {
    if (!takes_input()) {
        probe_downstream();
    } else if (state_ == State::holding) {
        continue_holding();
    } else {
        pump_request();
    }
}

void Exchange::probe_downstream() {
    if (!takes_input() && downstream_->is_gone()) abandon(Termination::downstream_closed);
}

void Exchange::on_upstream_writable() {
    if (state_ == State::relaying && !is_request_sent_ && !is_request_given_up_) pump_request();
}

void Exchange::request_is_sent() {
    is_request_sent_ = true;
    if (plan_ == BodyPlan::stream) context_.request_body_bytes = request_relay_.body_bytes();
    downstream_->set_deadline_at(give_up_at_);
    downstream_->watch();
    if (is_response_blocked_) await_room();
    if (is_response_begun_) return;
    const auto own = context_.route->response_timeout;
    upstream_->set_deadline(own.count() != 0 ? own : pool_->upstream().config.response_timeout);
}

}  // namespace kwikgate::gateway
