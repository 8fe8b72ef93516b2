#include "gateway/proxy/name_refresher.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/ip_rules.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway::proxy {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

struct NameRefresher::Name {
    std::string label;
    std::string node;
    std::string port;
    std::chrono::milliseconds interval;
    std::shared_ptr<ServerState> state;
    Clock::time_point due;
    bool has_failed = false;
};

/// What the thread works on. It outlives the refresher where a look-up does.
struct NameRefresher::Work {
    LookUp look_up;
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<Name> names;
    bool is_changed = false;
    bool is_stopping = false;
    bool is_looking_up = false;
};

NameRefresher::NameRefresher(LookUp look_up) : work_(std::make_shared<Work>()) {
    work_->look_up = std::move(look_up);
}

NameRefresher::~NameRefresher() {
    if (!thread_.joinable()) return;
    bool is_busy = false;
    {
        const std::lock_guard lock(work_->mutex);
        work_->is_stopping = true;
        is_busy = work_->is_looking_up;
    }
    work_->wake.notify_one();
    if (is_busy) {
        thread_.detach();
    } else {
        thread_.join();
    }
}

void NameRefresher::watch(const std::vector<Upstream>& upstreams) {
    std::vector<Name> names;
    for (const Upstream& upstream : upstreams) {
        const auto interval = upstream.config.resolve_interval;
        if (interval.count() == 0) continue;
        for (const ServerEndpoint& server : upstream.servers) {
            if (auth::parse_ip(server.node)) continue;
            names.push_back({"upstream " + upstream.config.name + ": server " + server.name,
                             server.node, server.port, interval, server.state,
                             Clock::now() + interval, false});
        }
    }
    if (names.empty() && !thread_.joinable()) return;
    {
        const std::lock_guard lock(work_->mutex);
        work_->names = std::move(names);
        work_->is_changed = true;
    }
    work_->wake.notify_one();
    if (!thread_.joinable()) thread_ = std::thread([work = work_] { run(work); });
}

void NameRefresher::run(const std::shared_ptr<Work>& work) {
    std::unique_lock lock(work->mutex);
    while (!work->is_stopping) {
        work->is_changed = false;
        const auto next =
            std::min_element(work->names.begin(), work->names.end(),
                             [](const Name& a, const Name& b) { return a.due < b.due; });
        const auto is_woken = [&] { return work->is_stopping || work->is_changed; };
        if (next == work->names.end()) {
            work->wake.wait(lock, is_woken);
            continue;
        }
        const auto due = next->due;  // Not by reference: `watch` takes the names away meanwhile.
        if (work->wake.wait_until(lock, due, is_woken)) continue;
        next->due = Clock::now() + next->interval;
        const Name name = *next;
        work->is_looking_up = true;
        lock.unlock();
        AddressList addresses;
        const std::string error = work->look_up(name.node, name.port, addresses);
        lock.lock();
        work->is_looking_up = false;
        if (work->is_stopping) return;
        if (error.empty()) {
            if (name.state->replace(addresses)) log_info(name.label + " has other addresses now");
        } else if (!name.has_failed) {
            log_warn(name.label + " cannot be resolved, its addresses stay: " + error);
        }
        if (!work->is_changed) next->has_failed = !error.empty();
    }
}

}  // namespace kwikgate::gateway::proxy
