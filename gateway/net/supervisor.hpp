#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <chrono>
#include <string_view>

namespace kwikgate::gateway::net {

/// What started the process and wants to hear how it is: systemd, by datagrams to NOTIFY_SOCKET.
/// Where nobody asked, every call does nothing.
/// **Threads**: any, after `take_environment`. **Cost**: one system call, at most a second.
/// **Spec**: sd_notify(3), sd_watchdog_enabled(3).
class Supervisor {
  public:
    Supervisor() = default;
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;
    ~Supervisor();

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them. False when there is
    /// a NOTIFY_SOCKET that cannot be used.
    bool take_environment();
    /// Zero: no sign of life is asked for.
    std::chrono::microseconds watchdog_interval() const { return watchdog_interval_; }

    /// `status` is what an operator reads in `systemctl status`: one line without secrets.
    void tell_ready(std::string_view status) const;
    void tell_reloading() const;
    /// Not ready yet, and for how long at most: a supervisor allows a start so much more time.
    void tell_waiting(std::string_view status, std::chrono::milliseconds at_most) const;
    /// `at_most`: how long it may take to end.
    void tell_stopping(std::chrono::milliseconds at_most) const;
    void tell_alive() const;

  private:
    void tell(std::string_view state) const;
    int descriptor_ = -1;
    sockaddr_un address_{};
    socklen_t address_length_ = 0;
    std::chrono::microseconds watchdog_interval_{0};
};

}  // namespace kwikgate::gateway::net
