#include <algorithm>
#include <limits>
#include <utility>

#include "gateway/http/forwarding.hpp"
#include "gateway/http/response_parser.hpp"
#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"

// From the upstream back to the client: the answer's head, its body, and what becomes of the
// connection when there is none.
namespace kwikgate::gateway {

using auth::Access;
using auth::Phase;
using auth::Reason;
using http::BodyFraming;
using proxy::RelayStatus;

void Exchange::on_upstream_readable() {
    if (state_ == State::relaying && !is_response_blocked_) pump_response();
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
                finished_.has_odd_framing |= response_.has_odd_framing;
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
    // No look at the calendar: the way from the request to here is known.
    forwarding.date = worker_.date_text().at(context_.received_at +
                                             std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 context_.upstream_head_at - context_.started_at));
    forwarding.via = pool_->upstream().config.via;
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

    finished_.is_head_request = head.method == "HEAD";
    finished_.status = response_.status;
    finished_.framing = response_.framing;
    finished_.keeps_alive = response_.keep_alive;
    finished_.has_odd_framing |= response_.has_odd_framing;
    finished_.was_early = !is_request_sent_;
    const TimeoutsConfig& timeouts = config().timeouts;
    reader_pace_.start(config().limits.min_rate_bytes, timeouts.min_rate_after,
                       timeouts.write_idle);
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
                await_room();
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
        finished_.keeps_alive = false;
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
    if (has_answered()) {
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
