#include "gateway/proxy/own_request.hpp"

#include <array>
#include <utility>

#include "gateway/http/response_parser.hpp"
#include "gateway/proxy/connecting.hpp"

namespace kwikgate::gateway::proxy {
namespace {

constexpr http::HeadLimits kHeadLimits{8 * 1024, 8 * 1024, 100};

}  // namespace

OwnRequest::OwnRequest(boost::asio::io_context& context, net::DeadlineWheel& wheel, Done done)
    : net::Deadline(wheel), stream_(context, *this), done_(std::move(done)) {}

void OwnRequest::start(const ServerEndpoint& server, const net::ClientTls* tls,
                       const SocketAddress& address, auth::SecretString request,
                       std::chrono::milliseconds timeout, std::size_t body_limit) {
    server_ = &server;
    tls_ = tls;
    address_ = address;
    request_ = std::move(request);
    body_limit_ = body_limit;
    written_ = resume_at_ = 0;
    input_.clear();
    body_.clear();
    const int descriptor = begin_connect(address_);
    if (descriptor < 0 || !stream_.open(descriptor)) {
        state_ = State::failed_at_once;
        set(std::chrono::milliseconds(0));
        return;
    }
    state_ = State::connecting;
    set(timeout);
    stream_.wait_writable();
}

void OwnRequest::stop() {
    clear();
    stream_.close();
    state_ = State::idle;
    request_ = {};
}

void OwnRequest::on_deadline() {
    finish(state_ == State::failed_at_once ? "cannot connect" : "timeout");
}

void OwnRequest::go_on() {
    switch (state_) {
        case State::idle:
        case State::failed_at_once:
            break;
        case State::connecting:
            connect();
            break;
        case State::shaking_hands:
            shake_hands();
            break;
        case State::writing:
            write();
            break;
        case State::reading_head:
        case State::reading_body:
            read();
            break;
    }
}

void OwnRequest::connect() {
    switch (continue_connect(stream_, address_)) {
        case net::IoStatus::done:
            state_ = State::shaking_hands;
            shake_hands();
            break;
        case net::IoStatus::would_block:
            stream_.wait_writable();
            break;
        default:
            finish("cannot connect");
            break;
    }
}

void OwnRequest::shake_hands() {
    switch (continue_handshake(stream_, tls_, *server_)) {
        case net::IoStatus::done:
            state_ = State::writing;
            write();
            break;
        case net::IoStatus::would_block:
            stream_.wait_readable();
            break;
        default:
            finish(stream_.tls() == nullptr ? "TLS" : "TLS: " + stream_.tls()->failure());
            break;
    }
}

void OwnRequest::write() {
    const std::string_view request = request_.expose();
    while (written_ < request.size()) {
        iovec rest{const_cast<char*>(request.data()) + written_, request.size() - written_};
        const net::IoResult result = stream_.write({&rest, 1});
        if (result.status == net::IoStatus::would_block) {
            stream_.wait_writable();
            return;
        }
        if (result.status != net::IoStatus::done) {
            finish("the connection broke");
            return;
        }
        written_ += result.bytes;
    }
    state_ = State::reading_head;
    read();
}

void OwnRequest::read() {
    std::array<char, 4096> piece;
    for (;;) {
        const net::IoResult result = stream_.read(piece);
        if (result.status == net::IoStatus::would_block) {
            stream_.wait_readable();
            return;
        }
        if (result.status != net::IoStatus::done) {
            const bool is_whole = state_ == State::reading_body &&
                                  result.status == net::IoStatus::closed &&
                                  body_reader_.finish_at_close();
            finish(is_whole ? "" : "no answer");
            return;
        }
        if (take({piece.data(), result.bytes})) return;
    }
}

bool OwnRequest::take(std::string_view bytes) {
    if (state_ == State::reading_body) return take_body(bytes);
    input_.append(bytes);
    for (;;) {
        switch (http::parse_response_head(input_, kHeadLimits, false, resume_at_, head_)) {
            case http::ParseStatus::need_more:
                return false;
            case http::ParseStatus::refused:
                finish("no HTTP answer");
                return true;
            case http::ParseStatus::complete:
                break;
        }
        if (head_.status >= 200) break;
        input_.erase(0, head_.head_bytes);  // An interim answer.
        resume_at_ = 0;
    }
    state_ = State::reading_body;
    body_reader_.start(head_.framing, head_.content_length);
    return take_body(std::string_view(input_).substr(head_.head_bytes));
}

bool OwnRequest::take_body(std::string_view bytes) {
    while (!body_reader_.is_complete() && body_.size() < body_limit_) {
        const http::ChunkStep step = body_reader_.step(bytes);
        if (step.status == http::ChunkStatus::need_more) return false;
        if (step.status == http::ChunkStatus::refused) {
            finish("no HTTP answer");
            return true;
        }
        body_.append(step.data.substr(0, body_limit_ - body_.size()));
        bytes.remove_prefix(step.consumed);
    }
    finish({});
    return true;
}

void OwnRequest::finish(std::string_view why_not) {
    const std::string reason(why_not);  // May be a view of what is closed next.
    stop();
    Answer answer;
    answer.why_not = reason;
    if (reason.empty()) {
        answer.head = &head_;
        answer.body = body_;
    }
    done_(answer);
}

}  // namespace kwikgate::gateway::proxy
