#include "gateway/proxy/health_check.hpp"

#include <string>

#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway::proxy {
namespace {

auth::SecretString make_request(const Upstream& upstream, const ServerEndpoint& server) {
    const std::string& host = upstream.config.host.empty() ? server.name : upstream.config.host;
    return auth::SecretString("GET " + upstream.config.health.path + " HTTP/1.1\r\nHost: " + host +
                              "\r\nUser-Agent: kwikgate\r\nConnection: close\r\n\r\n");
}

}  // namespace

HealthCheck::HealthCheck(boost::asio::io_context& context, net::DeadlineWheel& wheel,
                         const Upstream& upstream, const ServerEndpoint& server)
    : net::Deadline(wheel),
      upstream_(upstream),
      server_(server),
      request_(context, wheel, [this](const auto& answer) { finish(answer); }) {}

void HealthCheck::stop() {
    is_stopped_ = true;
    clear();
    request_.stop();
}

void HealthCheck::begin() {
    if (!request_.is_ready()) {  // The last one is not quite gone.
        set(net::DeadlineWheel::kTick);
        return;
    }
    const HealthConfig& config = upstream_.config.health;
    next_at_ = net::Clock::now() + config.interval;
    if (server_.state->refresh(addresses_version_, addresses_)) address_at_ = 0;
    request_.start(server_, upstream_.tls.get(), addresses_.addresses[address_at_],
                   make_request(upstream_, server_), config.timeout, 0);
}

void HealthCheck::finish(const OwnRequest::Answer& answer) {
    const bool has_answer = answer.head != nullptr;
    const bool is_healthy = has_answer && answer.head->status < 300;
    if (!is_healthy) address_at_ = (address_at_ + 1) % addresses_.size;
    count(is_healthy, has_answer ? "status " + std::to_string(answer.head->status)
                                 : std::string(answer.why_not));
    set_at(next_at_);
}

void HealthCheck::count(bool is_healthy, std::string_view what) {
    const HealthConfig& config = upstream_.config.health;
    const auto change = count_.note(is_healthy, server_.state->is_down(), config.healthy_after,
                                    config.unhealthy_after);
    if (change == HealthCount::Change::none) return;
    const std::string name = "upstream " + upstream_.config.name + ": server " + server_.name;
    const bool is_down = change == HealthCount::Change::goes_down;
    server_.state->set_down(is_down);
    if (is_down) {
        log_warn(name + " is down: " + std::string(what));
    } else {
        log_info(name + " is up");
    }
}

}  // namespace kwikgate::gateway::proxy
