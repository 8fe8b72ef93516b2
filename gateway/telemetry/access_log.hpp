#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/pipeline/request_context.hpp"

namespace kwikgate::gateway {

/// Where access-log lines go: a thread of its own writes what the workers hand over in blocks, so
/// that a slow disk or reader never stalls a request. At most 64 MiB wait; what does not fit is
/// lost and counted, and the count is written once there is room. **Threads**: any may submit.
class AccessLog {
  public:
    AccessLog() = default;
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;
    ~AccessLog();

    /// Empty on success, else one line. `destination` is "stdout", "stderr" or a file (appended).
    std::string open(const std::string& destination);
    /// Opens what `switch_over` will write to from then on: another destination, or the same one
    /// anew (after logrotate). Changes nothing yet.
    std::string prepare(const std::string& destination);
    void switch_over();
    /// Takes the block and leaves an empty one with capacity in its place.
    void submit(std::string& block);
    std::uint64_t lost_lines() const;

  private:
    void run();
    void write_all(std::string_view block);
    static constexpr std::size_t kMaxWaitingBytes = std::size_t{64} << 20;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::string> waiting_;
    std::vector<std::string> spare_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t lost_lines_ = 0;
    int descriptor_ = -1;  ///< Never changes once open; what it stands for does.
    int prepared_ = -1;
    bool is_stopping_ = false;
    std::thread thread_;
};

/// One worker's end of the access log: formats lines into a block. **Cost**: a line is a few
/// hundred bytes of copying; no allocation, no lock, no system call.
class AccessLogBuffer {
  public:
    explicit AccessLogBuffer(AccessLog& log);
    /// Writes the one line of a finished request. `peer` is the address of the connection; where
    /// that is a trusted proxy, the client is whom it named.
    void append(const RequestContext& context, std::string_view listener, std::string_view peer,
                std::chrono::system_clock::time_point now, SteadyTime ended_at);
    /// Hands the block over when there is anything in it.
    void flush();

  private:
    static constexpr std::size_t kBlockBytes = 64 * 1024;
    static constexpr std::size_t kFlushBytes = 56 * 1024;
    AccessLog& log_;
    std::string block_;
    std::int64_t second_ = -1;  ///< The second that `date_` spells.
    char date_[20] = {};
};

}  // namespace kwikgate::gateway
