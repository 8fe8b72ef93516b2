#include "gateway/cli/unfinished.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstring>

namespace kwikgate::gateway::cli {
namespace {

/// Read by the signal handler, so of fixed size and without a lock.
struct Slot {
    std::array<char, PATH_MAX> path{};
    std::atomic<bool> is_used{false};
};
static_assert(std::atomic<bool>::is_always_lock_free);
std::array<Slot, 4> slots;

void take_away_and_end(int signal) {
    for (const Slot& slot : slots) {
        if (!slot.is_used) continue;
        if (::unlink(slot.path.data()) != 0) ::rmdir(slot.path.data());
    }
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void listen_once() {
    static const bool is_listening = [] {
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            struct sigaction action {};
            if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler != SIG_DFL)
                continue;
            action.sa_handler = take_away_and_end;
            ::sigaction(signal, &action, nullptr);
        }
        return true;
    }();
    static_cast<void>(is_listening);
}

}  // namespace

Unfinished::Unfinished(const std::filesystem::path& path) {
    const std::string& text = path.native();
    if (text.size() >= PATH_MAX) return;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i].is_used) continue;
        std::memcpy(slots[i].path.data(), text.c_str(), text.size() + 1);
        slots[i].is_used = true;
        slot_ = static_cast<int>(i);
        break;
    }
    listen_once();
}

Unfinished::~Unfinished() {
    if (slot_ >= 0) slots[static_cast<std::size_t>(slot_)].is_used = false;
}

}  // namespace kwikgate::gateway::cli
