#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/load/answer_reader.hpp"
#include "bench/load/measurements.hpp"
#include "bench/load/request_source.hpp"

namespace kwikgate::bench {

/// How hard and how long.
struct LoadPlan {
    sockaddr_in target{};
    std::size_t connections = 64;
    std::size_t threads = 1;
    double rate = 0;         ///< Requests a second, all threads together; 0: closed loop.
    double warmup_rate = 0;  ///< Open loop: another rate before; 0: the same.
    std::chrono::nanoseconds warmup{};
    std::chrono::nanoseconds duration{};
    std::chrono::nanoseconds request_timeout{};
    std::chrono::nanoseconds expected_interval{};  ///< Closed loop: see Histogram.
    std::vector<pid_t> watched;                    ///< Whose CPU time is measured.
};

/// One thread of load with its connections, one request at a time on each.
///
/// Closed loop: each connection sends its next request when the last is answered. Open loop:
/// requests fall due at even distances whatever the answers do; one that finds no connection free
/// waits, and its latency counts from when it was due, so a stall of the server is seen by every
/// request that it delayed. **Threads**: `run` has its own; nothing is shared but the plans.
class Engine {
  public:
    Engine(const LoadPlan& plan, const RequestPlan& requests, std::size_t index);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Connects. Throws std::system_error.
    void connect_all();
    /// From `start` through warm-up and measured time. Throws std::system_error when it cannot
    /// connect anew.
    void run(std::chrono::steady_clock::time_point start);
    const Measurements& measurements() const { return measured_; }

  private:
    using Clock = std::chrono::steady_clock;
    struct Client {
        int descriptor = -1;
        bool is_busy = false;
        bool waits_to_write = false;
        std::size_t written = 0;
        Clock::time_point due{};
        Clock::time_point sent_at{};
        Request request;
        AnswerReader answer;
    };

    void open(Client& client);
    void reopen(Client& client);
    Clock::duration interval_of(double rate) const;
    void send_due(Clock::time_point now);
    void send(Client& client, Clock::time_point due, Clock::time_point now);
    void write_rest(Client& client);
    void receive(Client& client);
    void answered(Client& client);
    void became_free(Client& client, Clock::time_point now);
    void check_phase(Clock::time_point now);
    void count_backlog(Clock::time_point now);
    void check_timeouts(Clock::time_point now);
    void wait(Clock::time_point now);

    const LoadPlan& plan_;
    RequestSource source_;
    Measurements measured_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Client*> free_;
    std::vector<char> buffer_;
    int epoll_ = -1;
    std::size_t index_;

    Clock::time_point measure_from_{};
    Clock::time_point measure_until_{};
    Clock::time_point next_due_{};
    Clock::time_point next_timeout_check_{};
    Clock::duration interval_{};  ///< Between two requests of this thread; 0: closed loop.
    double cpu_before_ = 0;
    bool is_measuring_ = false;
    bool is_over_ = false;
};

}  // namespace kwikgate::bench
