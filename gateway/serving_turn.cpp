// One gateway serves from a store: another one waits here until it lets go.
#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "gateway/running_app.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// What the other one may take beyond its drain.
constexpr std::chrono::seconds kTimeToLetGo{5};
constexpr milliseconds kLookEvery{50};

std::string in_seconds(milliseconds duration) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

std::string App::wait_for_turn() {
    const milliseconds patience = config_.timeouts.drain + kTimeToLetGo;
    const std::string where = "store " + config_.store.path.string();
    std::string error;
    look_for_turn(steady_clock::now() + patience, error);
    if (!serve_lock_ && error.empty()) {
        const std::string other = store::ServeLock::holder(config_.store.path);
        log_info(where + " is served by " + other + ": waiting until it ends, " +
                 in_seconds(patience) + " at most");
        supervisor_.tell_waiting("waiting for " + other + " to end", patience);
        await_signal_while_waiting();
        context_.run();
        // Nobody may listen or look any more when the next ones begin to.
        signals_.cancel();
        timer_.cancel();
        context_.restart();
        context_.poll();
    }
    context_.restart();
    if (is_told_to_end_) {
        log_info("told to end while waiting for the store");
        return {};
    }
    if (!error.empty()) return where + ": " + error;
    // Restored while we waited: what was opened is not what is there.
    if (!store_.is_in_place())
        return where + ": " + make_error_code(store::Errc::store_gone).message();
    return {};
}

void App::look_for_turn(steady_clock::time_point until, std::string& error) {
    auto lock = store::ServeLock::try_take(config_.store.path);
    if (lock) {
        serve_lock_.emplace(std::move(*lock));
        return context_.stop();
    }
    const bool is_late = steady_clock::now() >= until;
    if (lock.error() != store::Errc::in_use) {
        error = lock.error().message();
        return context_.stop();
    }
    if (is_late) {
        error = "another gateway serves from it and did not end in time: " +
                store::ServeLock::holder(config_.store.path) +
                "; stop that one, or give this one a store of its own";
        return context_.stop();
    }
    timer_.expires_after(kLookEvery);
    timer_.async_wait([this, until, &error](const boost::system::error_code& failed) {
        if (!failed) look_for_turn(until, error);
    });
}

void App::await_signal_while_waiting() {
    signals_.async_wait([this](const boost::system::error_code& failed, int signal) {
        if (failed) return;
        if (signal == SIGHUP) {
            is_reload_wanted_ = true;
            return await_signal_while_waiting();
        }
        is_told_to_end_ = true;
        context_.stop();
    });
}

std::string App::register_sections(Runtime& runtime) {
    if (const auto registered = auth::register_sections(store_, config_.sections); !registered)
        return "sections: " + registered.error().detail;
    const auto catalogue = auth::SectionCatalogue::load(store_);
    if (!catalogue) return "sections: " + catalogue.error().detail;
    number_sections(runtime, *catalogue);
    return {};
}

}  // namespace kwikgate::gateway
