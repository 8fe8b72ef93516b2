// A reload: all that can fail is made first, then everything is switched over at once.
#include <algorithm>

#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/restart_only.hpp"
#include "gateway/pipeline/replay_state.hpp"
#include "gateway/running_app.hpp"
#include "gateway/telemetry/log.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway {

admin::ReloadOutcome App::reload(const std::string& actor) {
    if (is_draining_) return {"the gateway is ending", {}};
    supervisor_.tell_reloading();
    LoadedConfig loaded = load_config(config_.file);
    std::string error;
    if (!loaded.ok()) {
        for (const ConfigProblem& problem : loaded.problems) log_error(problem.to_string());
        error = std::to_string(loaded.problems.size()) + " problems in the configuration";
    } else {
        error = try_reload(loaded.config, actor);
    }
    metrics_.process.is_last_reload_taken.set(error.empty() ? 1 : 0);
    if (error.empty()) {
        metrics_.process.reloads_taken.add();
        note_loaded();
        log_info("reloaded " + config_.file.string());
    } else {
        metrics_.process.reloads_refused.add();
        log_error("reload refused, the running configuration stays: " + error);
    }
    supervisor_.tell_ready(error.empty() ? kServing
                                         : std::string(kServing) + "; reload refused: " + error);
    return {std::move(error), std::move(loaded.problems)};
}

std::string App::open_new_listeners(const Runtime& next, NewSockets& sockets) const {
    for (const auto& listener : next.listeners) {
        const std::string& address = listener->config.address;
        const bool is_open =
            std::any_of(config_.listeners.begin(), config_.listeners.end(),
                        [&](const ListenerConfig& current) { return current.address == address; });
        if (is_open) continue;
        auto error =
            open_listening_sockets(listener, inherited_, worker_count_, sockets.by_worker());
        if (!error.empty()) return error;
    }
    return {};
}

std::string App::prepare_files(const Config& next) {
    if (auto error = access_log_.prepare(next.access_log.destination); !error.empty()) return error;
    if (auto error = debug_capture_.prepare(next.access_log.debug_capture); !error.empty())
        return error;
    return prepare_log(next.log.level, next.log.destination);
}

void App::tell_ended_listeners(const Config& next) const {
    for (const ListenerConfig& listener : config_.listeners) {
        const auto found = std::find_if(
            next.listeners.begin(), next.listeners.end(),
            [&](const ListenerConfig& other) { return other.address == listener.address; });
        const bool is_removed = found == next.listeners.end();
        if (!is_removed && net::begins_alike(listener, *found)) continue;
        log_info("listener " + listener.name + " (" + listener.address + ") " +
                 (is_removed ? "was removed" : "begins connections in another way") +
                 ": each of its open connections ends after its current answer");
    }
}

/// In one transaction, and only where there is something to write: a full disk must not stand in
/// the way of a reload that changes nothing in the store.
std::string App::write_reload(const Config& next, const std::string& actor, Runtime& built) {
    const auth::Timestamp now = store::current_time();
    const auto known = auth::SectionCatalogue::load(store_);
    if (!known) return "sections: " + known.error().detail;
    const bool has_all = std::all_of(next.sections.begin(), next.sections.end(),
                                     [&](const std::string& slug) { return known->id(slug); });
    auth::SectionCatalogue catalogue = *known;
    AlsoWrite also;
    if (!has_all || !actor.empty())
        also = [&](store::Write& write) -> store::Result<void> {
            auto registered = auth::register_sections(write, next.sections);
            if (!registered) return registered.error();
            catalogue = std::move(*registered);
            if (actor.empty()) return {};
            return write.append_audit({0, now, actor, "gateway.reload", "", "", ""});
        };
    const auto written = change_signature_window(store_, limits_.replay, next.signature, now, also);
    if (!written) return "the store cannot be written: " + written.error().message();
    number_sections(built, catalogue);
    return {};
}

std::string App::try_reload(const Config& next, const std::string& actor) {
    if (auto key = changed_restart_only_key(config_, next); !key.empty())
        return key + " needs a restart";
    if (auto error = inherited_.find_unused(next.listeners); !error.empty()) return error;
    BuiltRuntime built = build_runtime(next, store_, runtime_.get());
    if (built.runtime == nullptr) return built.error;
    proxy::BuiltCollector tracing = proxy::build_collector(next.tracing, collector_.get());
    if (!tracing.error.empty()) return tracing.error;
    std::string unreadable;
    auto admin_certificate = admin_.read_certificate(unreadable);
    if (!unreadable.empty()) return unreadable;
    NewSockets sockets(worker_count_);
    if (auto error = open_new_listeners(*built.runtime, sockets); !error.empty()) return error;
    if (auto error = prepare_files(next); !error.empty()) return error;
    if (auto error = write_reload(next, actor, *built.runtime); !error.empty()) return error;
    // Nothing can fail from here on.
    tell_ended_listeners(next);
    access_log_.switch_over();
    switch_log();
    debug_capture_.switch_over();
    config_ = next;
    admin_.adopt(std::move(admin_certificate));
    adopt(std::move(built.runtime));
    note_certificates();
    collector_ = std::move(tracing.collector);
    for (unsigned i = 0; i < worker_count_; ++i) workers_[i]->adopt(runtime_, sockets.take(i));
    watch_upstreams();
    return {};
}

}  // namespace kwikgate::gateway
