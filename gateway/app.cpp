#include "gateway/app.hpp"

#include <algorithm>
#include <csignal>
#include <thread>

#include "auth/token_service.hpp"
#include "gateway/running_app.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway {

std::optional<std::string> serve(const Config& config, std::optional<unsigned> workers) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // A file at its limit is a failed write, not the end.
    net::Supervisor supervisor;
    const bool can_tell = supervisor.take_environment();
    net::InheritedSockets inherited;
    if (auto error = inherited.take(); !error.empty()) return error;
    if (auto error = open_log(config.log.level, config.log.destination); !error.empty())
        return error;
    if (!can_tell) log_warn("NOTIFY_SOCKET cannot be used: whoever started this hears nothing");
    auto master_key = auth::MasterKey::load(config.store.master_key_file);
    if (!master_key)
        return "master key " + config.store.master_key_file.string() + ": " +
               master_key.error().message();
    store::StoreOptions options;
    options.map_bytes = config.store.map_bytes;
    auto store = store::Store::open(config.store.path, options);
    if (!store) return "store " + config.store.path.string() + ": " + store.error().message();
    if (auto bound = auth::bind_master_key(*store, *master_key); !bound)
        return "master key " + config.store.master_key_file.string() + " for store " +
               config.store.path.string() + ": " + bound.error().detail;
    unsigned count = workers.value_or(config.workers);
    if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
    try {
        App app(config, count, std::move(*store), std::move(*master_key), supervisor,
                std::move(inherited));
        if (auto error = app.start(); !error.empty()) return error;
        if (!app.has_ended()) app.run();
    } catch (const std::exception& error) {
        return std::string("cannot serve: ") + error.what();
    }
    return std::nullopt;
}

}  // namespace kwikgate::gateway
