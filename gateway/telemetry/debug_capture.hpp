#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "auth/siphash.hpp"
#include "gateway/config/config.hpp"
#include "gateway/json/capture_entry.hpp"

namespace kwikgate::gateway {

/// The file of refused requests that are kept to be explained. Off unless configured; then bounded
/// in size and in entries a minute, of which one client gets half. Only regular files that nobody
/// but their owner may use (0600). Workers hand over what was sent; what is secret in it is found,
/// and taken out, on the main thread alone, so that the time of an answer tells nothing about it.
class DebugCapture {
  public:
    /// Runs work on the main thread, soon.
    using Later = std::function<void(std::function<void()>)>;
    /// Fills the entry with what may be written down of a head as it was sent. Called on the main
    /// thread.
    using Redact = std::function<void(std::string_view sent, CaptureEntry&)>;
    DebugCapture(Later later, Redact redact);
    DebugCapture(const DebugCapture&) = delete;
    DebugCapture& operator=(const DebugCapture&) = delete;
    ~DebugCapture();

    // **Threads**: the main one.
    /// Opens what `switch_over` takes into use. Empty on success, else one line.
    std::string prepare(const DebugCaptureConfig& config);
    void switch_over();

    // **Threads**: any.
    /// **Cost**: one relaxed load.
    bool is_on() const { return per_minute_.load(std::memory_order_relaxed) != 0; }
    /// False when this minute's entries are used up, by all or by this client (an IPv4 address, an
    /// IPv6 /64), or too many wait to be written.
    bool take_turn(auth::Timestamp now, const store::IpAddress& client);
    /// `entry.head` is as sent, and wiped once it was written.
    void submit(CaptureEntry entry);

  private:
    static constexpr std::size_t kMaxWaiting = 64;
    /// Clients are counted in so many places, by a keyed hash: two in one place share its part.
    static constexpr std::size_t kPlaces = 1024;
    static constexpr std::uint32_t kClientsPart = 2;  ///< Of all, one in so many.
    /// A minute's number, and in the low bits how many were taken of it.
    using Taken = std::atomic<std::uint64_t>;
    static bool take(Taken& taken, auth::Timestamp now, std::uint32_t most);
    void write(CaptureEntry& entry);
    void append(const std::string& line);
    void close_prepared();

    Later later_;
    Redact redact_;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<std::uint32_t> per_minute_{0};  ///< 0: off.
    Taken minute_{0};
    std::array<Taken, kPlaces> of_clients_{};
    auth::SipKey key_;
    DebugCaptureConfig config_;
    DebugCaptureConfig next_;
    int descriptor_ = -1;
    int prepared_ = -1;
    std::size_t bytes_ = 0;
    bool is_full_ = false;
};

}  // namespace kwikgate::gateway
