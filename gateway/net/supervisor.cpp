#include "gateway/net/supervisor.hpp"

#include <sys/time.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>

#include "gateway/net/environment.hpp"

namespace kwikgate::gateway::net {
namespace {

using std::chrono::microseconds;

/// Zero where none is asked of this process.
microseconds interval_asked_for() {
    const std::string process = take_variable("WATCHDOG_PID");
    const auto interval = to_number(take_variable("WATCHDOG_USEC"));
    if (!process.empty() && to_number(process) != ::getpid()) return microseconds{0};
    return microseconds{std::max<std::int64_t>(0, interval.value_or(0))};
}

std::int64_t monotonic_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

Supervisor::~Supervisor() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool Supervisor::take_environment() {
    const std::string path = take_variable("NOTIFY_SOCKET");
    const microseconds interval = interval_asked_for();
    if (path.empty()) return true;
    if ((path[0] != '/' && path[0] != '@') || path.size() >= sizeof address_.sun_path) return false;
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.data(), path.size());
    if (path[0] == '@') address_.sun_path[0] = '\0';
    address_length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() +
                                             (path[0] == '@' ? 0 : 1));
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) return false;
    const timeval deadline{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
    watchdog_interval_ = interval;
    return true;
}

void Supervisor::tell_ready(std::string_view status) const {
    tell("READY=1\nSTATUS=" + std::string(status));
}

void Supervisor::tell_reloading() const {
    tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds()) +
         "\nSTATUS=reloading");
}

void Supervisor::tell_waiting(std::string_view status, std::chrono::milliseconds at_most) const {
    tell("STATUS=" + std::string(status) +
         "\nEXTEND_TIMEOUT_USEC=" + std::to_string(microseconds(at_most).count()));
}

void Supervisor::tell_stopping(std::chrono::milliseconds at_most) const {
    tell("STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=" +
         std::to_string(microseconds(at_most).count()));
}

void Supervisor::tell_alive() const {
    tell("WATCHDOG=1");
}

void Supervisor::tell(std::string_view state) const {
    if (descriptor_ < 0) return;
    const auto* to = reinterpret_cast<const sockaddr*>(&address_);
    // Nobody to tell a failure to: who listens finds out by our silence.
    while (::sendto(descriptor_, state.data(), state.size(), MSG_NOSIGNAL, to, address_length_) <
               0 &&
           errno == EINTR) {
    }
}

}  // namespace kwikgate::gateway::net
