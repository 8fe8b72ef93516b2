#include "gateway/proxy/health_check.hpp"

#include <algorithm>

#include "gateway/http/response_parser.hpp"
#include "gateway/proxy/connecting.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway::proxy {
namespace {

constexpr http::HeadLimits kHeadLimits{8 * 1024, 8 * 1024, 100};

std::string make_request(const Upstream& upstream, const ServerEndpoint& server) {
    const std::string& host = upstream.config.host.empty() ? server.name : upstream.config.host;
    return "GET " + upstream.config.health.path + " HTTP/1.1\r\nHost: " + host +
           "\r\nUser-Agent: kwikgate\r\nConnection: close\r\n\r\n";
}

}  // namespace

HealthCheck::HealthCheck(boost::asio::io_context& context, net::DeadlineWheel& wheel,
                         const Upstream& upstream, const ServerEndpoint& server)
    : net::Deadline(wheel),
      upstream_(upstream),
      server_(server),
      stream_(context, *this),
      request_(make_request(upstream, server)) {}

void HealthCheck::stop() {
    is_stopped_ = true;
    clear();
    stream_.close();
}

void HealthCheck::begin() {
    if (!stream_.is_released()) {  // The last one is not quite gone.
        set(net::DeadlineWheel::kTick);
        return;
    }
    next_at_ = net::Clock::now() + upstream_.config.health.interval;
    if (server_.state->refresh(addresses_version_, addresses_)) address_at_ = 0;
    written_ = resume_at_ = 0;
    input_.clear();
    const int descriptor = begin_connect(addresses_.addresses[address_at_]);
    if (descriptor < 0 || !stream_.open(descriptor)) {
        finish(false, "cannot connect");
        return;
    }
    state_ = State::connecting;
    set(upstream_.config.health.timeout);
    stream_.wait_writable();
}

void HealthCheck::on_readable() {
    go_on();
}

void HealthCheck::on_writable() {
    go_on();
}

void HealthCheck::on_deadline() {
    if (state_ == State::waiting) {
        begin();
    } else {
        finish(false, "timeout");
    }
}

void HealthCheck::go_on() {
    switch (state_) {
        case State::waiting:
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
        case State::reading:
            read();
            break;
    }
}

void HealthCheck::connect() {
    switch (continue_connect(stream_, addresses_.addresses[address_at_])) {
        case net::IoStatus::done:
            state_ = State::shaking_hands;
            shake_hands();
            break;
        case net::IoStatus::would_block:
            stream_.wait_writable();
            break;
        default:
            finish(false, "cannot connect");
            break;
    }
}

void HealthCheck::shake_hands() {
    switch (continue_handshake(stream_, upstream_, server_)) {
        case net::IoStatus::done:
            state_ = State::writing;
            write();
            break;
        case net::IoStatus::would_block:
            stream_.wait_readable();
            break;
        default:
            finish(false, stream_.tls() == nullptr ? "TLS" : "TLS: " + stream_.tls()->failure());
            break;
    }
}

void HealthCheck::write() {
    while (written_ < request_.size()) {
        iovec rest{request_.data() + written_, request_.size() - written_};
        const net::IoResult result = stream_.write({&rest, 1});
        if (result.status == net::IoStatus::would_block) {
            stream_.wait_writable();
            return;
        }
        if (result.status != net::IoStatus::done) {
            finish(false, "the connection broke");
            return;
        }
        written_ += result.bytes;
    }
    state_ = State::reading;
    read();
}

void HealthCheck::read() {
    for (;;) {
        const std::size_t had = input_.size();
        input_.resize(kHeadLimits.head_bytes);
        const net::IoResult result =
            stream_.read(std::span(input_).subspan(std::min(had, input_.size())));
        input_.resize(had + result.bytes);
        if (result.status == net::IoStatus::would_block) {
            stream_.wait_readable();
            return;
        }
        if (result.status != net::IoStatus::done) {
            finish(false, "no answer");
            return;
        }
        auto status = http::ParseStatus::complete;
        while (status == http::ParseStatus::complete) {
            status = http::parse_response_head(input_, kHeadLimits, false, resume_at_, head_);
            if (status != http::ParseStatus::complete) break;
            if (head_.status >= 200) {
                finish(head_.status < 300, "status " + std::to_string(head_.status));
                return;
            }
            input_.erase(0, head_.head_bytes);
        }
        if (status == http::ParseStatus::refused) {
            finish(false, "no HTTP answer");
            return;
        }
    }
}

void HealthCheck::finish(bool is_healthy, std::string_view what) {
    if (!is_healthy) address_at_ = (address_at_ + 1) % addresses_.size;
    const std::string reason(what);  // May be a view of what is closed next.
    stream_.close();
    state_ = State::waiting;
    count(is_healthy, reason);
    set_at(next_at_);
}

void HealthCheck::count(bool is_healthy, std::string_view what) {
    const HealthConfig& config = upstream_.config.health;
    good_in_a_row_ = is_healthy ? good_in_a_row_ + 1 : 0;
    bad_in_a_row_ = is_healthy ? 0 : bad_in_a_row_ + 1;
    const std::string name = "upstream " + upstream_.config.name + ": server " + server_.name;
    if (!server_.state->is_down() && bad_in_a_row_ >= config.unhealthy_after) {
        server_.state->set_down(true);
        log_warn(name + " is down: " + std::string(what));
    } else if (server_.state->is_down() && good_in_a_row_ >= config.healthy_after) {
        server_.state->set_down(false);
        log_info(name + " is up");
    }
}

}  // namespace kwikgate::gateway::proxy
