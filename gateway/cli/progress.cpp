#include "gateway/cli/progress.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "gateway/cli/held_signals.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{500};

}  // namespace

Progress::Progress(std::function<std::string()> tell) : tell_(std::move(tell)) {
    if (::isatty(STDERR_FILENO) != 1) return;
    // Signals are for the thread that works, which may hold them.
    const HeldSignals held;
    thread_ = std::thread([this] { run(); });
}

Progress::~Progress() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (shown_columns_ == 0) return;
    show("");
    std::fputc('\r', stderr);
}

void Progress::run() {
    const auto begun = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kInterval, [this] { return is_over_; })) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::steady_clock::now() - begun);
        show(tell_() + ", " + std::to_string(seconds.count()) + " s");
    }
}

/// Written over with spaces rather than by a control code, which not every terminal has.
void Progress::show(const std::string& line) {
    std::string text = "\r" + line;
    if (line.size() < shown_columns_) text.append(shown_columns_ - line.size(), ' ');
    shown_columns_ = line.size();
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace kwikgate::gateway::cli
