#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auth/signature/content_digest.hpp"
#include "gateway/http/local_reply.hpp"
#include "gateway/http/message.hpp"
#include "gateway/net/buffer_pool.hpp"
#include "gateway/net/connection.hpp"
#include "gateway/pipeline/pipeline.hpp"
#include "gateway/pipeline/request_context.hpp"
#include "gateway/proxy/body_relay.hpp"
#include "gateway/proxy/client_pace.hpp"
#include "gateway/proxy/connection_reuse.hpp"
#include "gateway/proxy/upstream_pool.hpp"

namespace kwikgate::gateway {

struct WorkerRuntime;

/// One request and its answer: judged by the pipeline, its body held or streamed, sent upstream,
/// the answer relayed; or refused. Ends with exactly one access-log line. Re-used for request after
/// request. The two directions run independently, each with back-pressure: an upstream may answer
/// before it has the whole request. **Threads**: its worker's.
class Exchange final : proxy::UpstreamClient {
  public:
    explicit Exchange(Worker& worker);

    RequestContext& context() { return context_; }
    /// Makes it as good as new for the next request.
    void reset();

    /// A head is complete in `downstream.input()`, parsed into `context().head`.
    void begin(net::Connection& downstream);
    /// There is no request that could be judged: answers and closes.
    void begin_refused(net::Connection& downstream, auth::Reason reason);

    void on_downstream_readable();
    void on_downstream_writable();
    void on_downstream_deadline();
    /// Looks whether the client has left while nothing is read from it.
    void probe_downstream();
    /// The worker gives up (end of drain): a request of which nothing was forwarded is refused, any
    /// other one is cut.
    void abort();

  private:
    enum class State : std::uint8_t { unused, holding, connecting, relaying, replying };
    /// Where the body is and what has to be true of it.
    enum class BodyPlan : std::uint8_t { none, hold, hold_for_digest, hold_for_form, stream };

    void on_upstream_connected(proxy::UpstreamConnection& connection) override;
    void on_upstream_unavailable(auth::Reason reason) override;
    void on_upstream_readable() override;
    void on_upstream_writable() override;
    void on_upstream_deadline() override;

    // Downstream to here: exchange.cpp.
    void start(net::Connection& downstream);
    auth::Reason settle_origin();
    void choose_body_plan(Step step);
    void send_continue();
    void hold_body();
    void continue_holding();
    bool hold_fixed();
    bool hold_chunked();
    void body_is_held();
    void refuse_late(auth::Decision decision);
    void keep_head();
    bool takes_input() const;
    bool read_downstream();
    bool read_downstream_into(std::span<char> room, std::size_t& bytes);
    bool took_input(net::Connection::ReadOutcome outcome);

    // Here to upstream: exchange_forward.cpp.
    void forward();
    void connect();
    void start_relay(proxy::UpstreamConnection& connection);
    void write_request_head();
    void pump_request();
    void request_is_sent();

    // Upstream to here and downstream: exchange_response.cpp.
    bool read_response_head();
    bool read_upstream();
    void begin_response();
    void pump_response();
    /// A byte of the upstream's answer left: no other answer is possible.
    bool has_answered() const { return is_response_begun_ && response_relay_.wire_bytes() != 0; }
    void upstream_ended(bool by_failure);
    void upstream_broke(auth::Reason reason);
    bool may_retry() const;
    void release_upstream(bool is_reusable);

    // How long the client is waited for: exchange_pace.cpp.
    void await_body();
    void await_room();
    bool is_reader_due() const;
    bool reader_keeps_pace();

    // The trace that it belongs to: exchange_trace.cpp.
    void begin_trace();
    void record_span(std::chrono::system_clock::time_point now, SteadyTime ended_at);

    // What is kept of a refusal, where the configuration asks for it: exchange_capture.cpp.
    void capture_refusal();

    // The end: exchange_end.cpp.
    void refuse(auth::Reason reason, auth::Phase phase);
    void answer_options();
    void answer_preflight();
    void send_reply();
    bool may_keep_alive(bool reason_closes) const;
    void write_reply();
    void tell_signature(http::LocalReply& reply, auth::SignatureReport& report);
    void tell_limit(http::LocalReply& reply) const;
    void flush_reply();
    void finish_response();
    void abandon(Termination termination);
    void end(bool keep_alive);
    void record_outcome();
    net::UnreadBody unread_body() const;
    const Config& config() const;

    Worker& worker_;
    net::Connection* downstream_ = nullptr;
    WorkerRuntime* runtime_ = nullptr;
    const ListenerConfig* listener_ = nullptr;  ///< As it was when the request began.
    proxy::UpstreamPool* pool_ = nullptr;
    proxy::UpstreamConnection* upstream_ = nullptr;
    RequestContext context_;

    State state_ = State::unused;
    BodyPlan plan_ = BodyPlan::none;
    bool is_queued_ = false;  ///< Waits until some other request gives its connection back.
    bool is_continue_sent_ = false;
    bool has_begun_body_ = false;       ///< Body bytes were taken from the input.
    bool is_request_sent_ = false;      ///< The last byte went upstream.
    bool is_request_given_up_ = false;  ///< The upstream takes no more; its answer may still come.
    bool has_response_bytes_ = false;
    bool is_response_begun_ = false;    ///< The answer's head was read and is being relayed.
    bool is_response_blocked_ = false;  ///< The client takes no more for now.
    bool keep_alive_ = false;
    std::uint8_t interim_responses_ = 0;

    http::BodyReader body_;
    net::Buffer head_;  ///< What `context_` borrows, once the input went on.
    net::Buffer held_;  ///< A held body, unless it lies whole in the input.
    std::string_view held_body_;
    std::size_t held_in_input_ = 0;  ///< Bytes behind the head in the input that were taken.
    auth::ContentDigest digest_;
    bool checks_digest_ = false;

    http::ResponseHead response_;
    std::size_t response_resume_at_ = 0;
    std::string request_head_;
    std::string response_head_;  ///< Also a whole answer of our own.
    proxy::BodyRelay request_relay_;
    proxy::BodyRelay response_relay_;
    proxy::FinishedExchange finished_;  ///< What decides whether the connection is used again.
    proxy::ClientPace sender_pace_;
    proxy::ClientPace reader_pace_;
    net::Clock::time_point give_up_at_{};
    net::Clock::time_point room_until_{};    ///< While the client takes no byte.
    net::Clock::time_point reader_until_{};  ///< While it takes too few.
};

}  // namespace kwikgate::gateway
