#include <algorithm>
#include <limits>

#include "gateway/http/response_parser.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"

// From the verdict to the upstream and back: a connection, the request, the answer's head and body.
namespace kwikgate::gateway {

using auth::Access;
using auth::Phase;
using auth::Reason;
using http::BodyFraming;
using proxy::RelayStatus;

void Exchange::connect() {
    state_ = State::connecting;
    const int index =
        runtime_->runtime->upstream_for(*context_.route, context_.principal.environment);
    pool_ = runtime_->pools[static_cast<std::size_t>(index)].get();
    context_.upstream_name = pool_->upstream().config.name;
    ++context_.attempts;
    const bool is_write = context_.route->requirement.access == Access::write;
    const bool is_retry = context_.attempts > 1;
    const proxy::Acquired acquired = pool_->acquire(*this, is_write, is_retry);
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
    // A held body has a known length, however it came.
    forwarding.framing = is_held ? BodyFraming::content_length : head.framing;
    forwarding.content_length = is_held ? held_body_.size() : head.content_length;
    http::write_upstream_request_head(head, forwarding, request_head_);
}

void Exchange::start_relay(proxy::UpstreamConnection& connection) {
    state_ = State::relaying;
    upstream_ = &connection;
    is_queued_ = false;
    context_.server_name = connection.server_name();
    context_.upstream_reused = connection.is_reused();
    context_.upstream_begun_at = std::chrono::steady_clock::now();
    if (request_head_.empty()) write_request_head();
    if (plan_ == BodyPlan::stream) {
        if (!head_.has_block()) keep_head();
        send_continue();
        has_begun_body_ = true;
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
                upstream_->stream().wait_writable();
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
                refuse_digest();
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

void Exchange::on_upstream_readable() {
    if (state_ == State::relaying && !is_response_blocked_) pump_response();
}

void Exchange::request_is_sent() {
    is_request_sent_ = true;
    if (plan_ == BodyPlan::stream) context_.request_body_bytes = request_relay_.body_bytes();
    downstream_->set_deadline_at(give_up_at_);
    downstream_->watch();
    if (is_response_begun_) return;
    const auto own = context_.route->response_timeout;
    upstream_->set_deadline(own.count() != 0 ? own : pool_->upstream().config.response_timeout);
}

bool Exchange::read_upstream() {
    net::Buffer& input = upstream_->input();
    if (input.writable().empty()) input.compact();
    if (input.writable().empty()) {
        upstream_broke(Reason::upstream_malformed);  // A head that never ends.
        return false;
    }
    const net::IoResult result = upstream_->stream().read(input.writable());
    switch (result.status) {
        case net::IoStatus::done:
            input.commit(result.bytes);
            has_response_bytes_ = true;
            return true;
        case net::IoStatus::would_block:
            if (is_response_begun_) upstream_->set_deadline(pool_->upstream().config.idle_timeout);
            upstream_->stream().wait_readable();
            return false;
        case net::IoStatus::closed:
        case net::IoStatus::failed:
            break;
    }
    upstream_ended(result.status == net::IoStatus::failed);
    return false;
}

bool Exchange::read_response_head() {
    net::Buffer& input = upstream_->input();
    const bool is_head = context_.head.method == "HEAD";
    for (;;) {
        if (!input.empty()) {
            const auto status =
                http::parse_response_head(input.readable(), worker_.response_head_limits(), is_head,
                                          response_resume_at_, response_);
            if (status == http::ParseStatus::refused) {
                upstream_broke(Reason::upstream_malformed);
                return false;
            }
            if (status == http::ParseStatus::complete) {
                response_resume_at_ = 0;
                if (response_.status >= 200) {
                    begin_response();
                    return true;
                }
                // Interim answers are between the upstream and us: we answered Expect ourselves.
                input.consume(response_.head_bytes);
                if (++interim_responses_ > 8) {
                    upstream_broke(Reason::upstream_malformed);
                    return false;
                }
                continue;
            }
        }
        if (!read_upstream()) return false;
    }
}

void Exchange::begin_response() {
    is_response_begun_ = true;
    context_.upstream_head_at = std::chrono::steady_clock::now();
    context_.status = response_.status;
    const http::RequestHead& head = context_.head;
    const bool takes_chunks = head.version == http::Version::http_1_1;

    http::ResponseForwarding forwarding;
    forwarding.request_id = context_.request_id.view();
    forwarding.client_version = head.version;
    forwarding.cors_origin = context_.cors_origin;
    forwarding.framing = response_.framing;
    if (response_.framing == BodyFraming::chunked || response_.framing == BodyFraming::until_close)
        forwarding.framing = takes_chunks ? BodyFraming::chunked : BodyFraming::until_close;
    forwarding.content_length = response_.content_length;
    forwarding.has_content_length = response_.has_content_length;
    // An answer before the end of the request: the rest of the request is not waited for.
    keep_alive_ = head.keep_alive && is_request_sent_ && worker_.keeps_alive(*downstream_) &&
                  forwarding.framing != BodyFraming::until_close;
    forwarding.keep_alive = keep_alive_;
    http::write_downstream_response_head(response_, forwarding, response_head_);

    is_upstream_reusable_ = response_.keep_alive && response_.framing != BodyFraming::until_close;
    upstream_->input().consume(response_.head_bytes);
    upstream_->set_deadline(pool_->upstream().config.idle_timeout);
    response_relay_.start(response_head_, response_.framing, response_.content_length,
                          forwarding.framing, std::numeric_limits<std::uint64_t>::max());
}

void Exchange::pump_response() {
    if (!is_response_begun_ && !read_response_head()) return;
    for (unsigned reads = 1;; ++reads) {
        switch (response_relay_.pump(upstream_->input(), downstream_->stream())) {
            case RelayStatus::need_input:
                // A long answer: read the rest in larger pieces.
                if (upstream_->input().capacity() < worker_.relay_buffers().block_bytes() &&
                    upstream_->input().empty())
                    upstream_->input() = worker_.relay_buffers().take();
                if (reads > net::kReadsPerTurn) {
                    upstream_->stream().yield();
                    upstream_->set_deadline(pool_->upstream().config.idle_timeout);
                    return;
                }
                if (!read_upstream()) return;
                continue;
            case RelayStatus::blocked:
                is_response_blocked_ = true;
                downstream_->stream().wait_writable();
                upstream_->clear_deadline();
                downstream_->set_deadline_at(std::min(
                    give_up_at_, worker_.deadlines().now() + config().timeouts.write_idle));
                return;
            case RelayStatus::complete:
                finish_response();
                return;
            case RelayStatus::sink_failed:
                abandon(Termination::downstream_closed);
                return;
            case RelayStatus::malformed:
            case RelayStatus::too_large:
            case RelayStatus::digest_mismatch:
                upstream_broke(Reason::upstream_malformed);
                return;
        }
    }
}

void Exchange::upstream_ended(bool by_failure) {
    if (!is_response_begun_) {
        if (may_retry()) {
            // An idle connection that was closed says nothing about the server.
            if (upstream_->is_reused())
                release_upstream(false);
            else
                pool_->fail(*std::exchange(upstream_, nullptr));
            connect();
            return;
        }
        upstream_broke(Reason::upstream_reset);
        return;
    }
    if (!by_failure && response_relay_.source_closed()) {
        is_upstream_reusable_ = false;
        pump_response();
        return;
    }
    upstream_broke(Reason::upstream_reset);
}

bool Exchange::may_retry() const {
    if (context_.attempts > pool_->upstream().config.retries) return false;
    if (has_response_bytes_ || plan_ == BodyPlan::stream) return false;
    // A write is never sent twice, unless not one byte of it has left.
    return context_.route->requirement.access == Access::read || request_relay_.wire_bytes() == 0;
}

void Exchange::upstream_broke(Reason reason) {
    pool_->fail(*std::exchange(upstream_, nullptr));
    if (is_response_begun_) {
        context_.decision = auth::Decision::refuse(reason, Phase::deliver);
        abandon(Termination::upstream_aborted);
    } else {
        refuse(reason, Phase::upstream);
    }
}

void Exchange::on_upstream_deadline() {
    upstream_broke(Reason::upstream_timeout);
}

void Exchange::release_upstream(bool is_reusable) {
    if (upstream_ != nullptr) pool_->release(*std::exchange(upstream_, nullptr), is_reusable);
}

}  // namespace kwikgate::gateway
