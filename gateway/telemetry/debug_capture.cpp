#include "gateway/telemetry/debug_capture.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

#include "auth/secret.hpp"
#include "gateway/http/client_number.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway {
namespace {

constexpr unsigned kCountBits = 16;
constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kCountBits) - 1;

auth::SipKey random_key() {
    auth::SipKey key;
    std::random_device random;
    for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random());
    return key;
}

/// Empty: it is a file that nobody else may use.
std::string why_not_private(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return std::strerror(errno);
    if (!S_ISREG(status.st_mode)) return "it is not a regular file";
    if ((status.st_mode & 077U) != 0) return "others may use it: make its mode 0600";
    return {};
}

}  // namespace

DebugCapture::DebugCapture(Later later, Redact redact)
    : later_(std::move(later)), redact_(std::move(redact)), key_(random_key()) {}

DebugCapture::~DebugCapture() {
    close_prepared();
    if (descriptor_ >= 0) ::close(descriptor_);
}

void DebugCapture::close_prepared() {
    if (prepared_ >= 0) ::close(std::exchange(prepared_, -1));
}

std::string DebugCapture::prepare(const DebugCaptureConfig& config) {
    close_prepared();
    next_ = config;
    if (config.file.empty()) return {};
    constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    prepared_ = ::open(config.file.c_str(), kFlags, 0600);
    const std::string why = prepared_ < 0 ? std::strerror(errno) : why_not_private(prepared_);
    if (why.empty()) return {};
    close_prepared();
    return "cannot open debug capture " + config.file.string() + ": " + why;
}

void DebugCapture::switch_over() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = std::exchange(prepared_, -1);
    config_ = next_;
    is_full_ = false;
    struct stat status {};
    bytes_ = 0;
    if (descriptor_ >= 0 && ::fstat(descriptor_, &status) == 0)
        bytes_ = static_cast<std::size_t>(status.st_size);
    per_minute_ = descriptor_ >= 0 ? config_.per_minute : 0;
    if (descriptor_ >= 0)
        log_warn("debug capture: refused requests with a signature are written to " +
                 config_.file.string());
}

bool DebugCapture::take_turn(auth::Timestamp now, const store::IpAddress& client) {
    if (waiting_.load(std::memory_order_relaxed) >= kMaxWaiting) return false;
    const std::uint32_t all = per_minute_.load(std::memory_order_relaxed);
    const std::uint64_t place = auth::siphash_word(key_, http::client_number(client)) % kPlaces;
    return take(of_clients_[place], now, (all + kClientsPart - 1) / kClientsPart) &&
           take(minute_, now, all);
}

bool DebugCapture::take(Taken& taken, auth::Timestamp now, std::uint32_t most) {
    const auto minutes = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
    const std::uint64_t minute = static_cast<std::uint64_t>(minutes) << kCountBits;
    std::uint64_t seen = taken.load(std::memory_order_relaxed);
    for (;;) {
        const std::uint64_t base = (seen & ~kCountMask) == minute ? seen : minute;
        if ((base & kCountMask) >= most) return false;
        if (taken.compare_exchange_weak(seen, base + 1, std::memory_order_relaxed)) return true;
    }
}

void DebugCapture::submit(CaptureEntry entry) {
    waiting_.fetch_add(1, std::memory_order_relaxed);
    later_([this, entry = std::move(entry)]() mutable { write(entry); });
}

void DebugCapture::write(CaptureEntry& entry) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    std::string sent = std::move(entry.head);
    if (descriptor_ >= 0 && !is_full_) {
        redact_(sent, entry);
        append(capture_line(entry));
    }
    auth::wipe(sent.data(), sent.size());
}

void DebugCapture::append(const std::string& line) {
    if (bytes_ + line.size() > config_.max_bytes) {
        is_full_ = true;
        log_warn("debug capture: " + config_.file.string() +
                 " is full; nothing is added until it is moved away and SIGHUP is sent");
        return;
    }
    const ssize_t wrote = ::write(descriptor_, line.data(), line.size());
    if (wrote > 0) bytes_ += static_cast<std::size_t>(wrote);
    if (wrote == static_cast<ssize_t>(line.size())) return;
    is_full_ = true;
    log_error("debug capture: " + config_.file.string() + " cannot be written" +
              (wrote < 0 ? std::string(": ") + std::strerror(errno) : std::string()));
}

}  // namespace kwikgate::gateway
