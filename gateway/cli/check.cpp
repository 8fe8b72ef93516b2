#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "auth/json_text.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/config/load.hpp"
#include "gateway/json/problem_json.hpp"
#include "gateway/net/tls.hpp"
#include "gateway/proxy/collector.hpp"
#include "gateway/proxy/upstream.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    std::string config;
    bool as_json = false;
};

ConfigProblem problem_of(const Config& config, std::string pointer, std::string message) {
    ConfigProblem problem;
    problem.file = config.file;
    problem.pointer = std::move(pointer);
    problem.message = std::move(message);
    return problem;
}

/// Opens what the configuration names: the store, the key, and whether they belong together.
std::optional<ConfigProblem> check_store(const Config& config) {
    StorePlace place;
    place.store = config.store.path;
    place.master_key = config.store.master_key_file;
    const auto key = load_master_key(place);
    if (key.has_error()) {
        return problem_of(config, "/store/master_key_file", key.error().message());
    }
    store::StoreOptions options;
    options.mode = store::OpenMode::read_only;
    options.map_bytes = config.store.map_bytes;
    auto store = store::Store::open(config.store.path, options);
    const std::string where = "store " + config.store.path.string() + ": ";
    if (store.has_error()) {
        return problem_of(config, "/store/path", where + store.error().message());
    }
    const auto bound = auth::bind_master_key(*store, *key);
    if (bound.has_error()) {
        return problem_of(config, "/store/master_key_file", failed(bound.error()).message());
    }
    const auto room = auth::check_room_for_sections(*store, config.sections);
    if (room.has_error()) return problem_of(config, "/sections", failed(room.error()).message());
    return std::nullopt;
}

/// Reads certificates, keys and credentials, and looks up the servers' names, as `serve` would.
void check_transport(const Config& config, std::vector<ConfigProblem>& problems) {
    for (std::size_t i = 0; i < config.listeners.size(); ++i) {
        const ListenerConfig& listener = config.listeners[i];
        std::string error;
        if (listener.tls.is_enabled()) net::ServerTls::load(listener.tls, error);
        const std::string pointer = "/listeners/" + std::to_string(i) + "/tls";
        if (!error.empty()) problems.push_back(problem_of(config, pointer, error));
    }
    if (!config.admin.certificate_file.empty()) {
        ListenerTlsConfig tls;
        tls.certificates = {config.admin.certificate_file};
        std::string error;
        net::ServerTls::load(tls, error);
        if (!error.empty())
            problems.push_back(problem_of(config, "/admin/certificate_file", error));
    }
    for (const UpstreamConfig& upstream : config.upstreams) {
        proxy::Upstream ready;
        const std::string error = proxy::resolve(upstream, nullptr, ready);
        if (!error.empty())
            problems.push_back(problem_of(config, "/upstreams/" + upstream.name, error));
    }
    const auto tracing = proxy::build_collector(config.tracing, nullptr);
    if (!tracing.error.empty()) problems.push_back(problem_of(config, "/tracing", tracing.error));
}

/// A log is only opened by the gateway's user; that its directory is there shows to everybody.
void check_logs(const Config& config, std::vector<ConfigProblem>& problems) {
    const std::pair<const char*, std::filesystem::path> files[] = {
        {"/log/destination", config.log.destination},
        {"/access_log/destination", config.access_log.destination},
        {"/access_log/debug_capture/file", config.access_log.debug_capture.file}};
    for (const auto& [pointer, file] : files) {
        if (file.empty() || file == "stdout" || file == "stderr") continue;
        std::error_code error;
        const auto directory = std::filesystem::absolute(file, error).parent_path();
        if (std::filesystem::is_directory(directory, error)) continue;
        if (!error) error = std::make_error_code(std::errc::not_a_directory);
        problems.push_back(problem_of(config, pointer,
                                      "directory " + directory.string() + ": " + error.message()));
    }
}

CliResult<void> check(const Flags& flags) {
    LoadedConfig loaded = load_config(flags.config);
    // The store can only be looked for once its place is known for certain.
    if (loaded.ok()) {
        if (auto problem = check_store(loaded.config)) loaded.problems.push_back(*problem);
        check_transport(loaded.config, loaded.problems);
        check_logs(loaded.config, loaded.problems);
    }
    for (const ConfigProblem& problem : loaded.problems) {
        if (!flags.as_json) std::fprintf(stderr, "%s\n", problem.to_string().c_str());
    }
    for (const ConfigProblem& warning : loaded.warnings) {
        if (!flags.as_json) std::fprintf(stderr, "warning: %s\n", warning.to_string().c_str());
    }
    const std::string summary =
        flags.config + ": valid, " + std::to_string(loaded.config.routes.size()) + " routes\n";
    CliResult<void> printed;
    if (flags.as_json) {
        printed = print(auth::JsonObject()
                            .boolean("ok", loaded.ok())
                            .raw("problems", auth::json_array(loaded.problems, problem_json))
                            .raw("warnings", auth::json_array(loaded.warnings, problem_json))
                            .to_string() +
                        "\n");
    } else if (loaded.ok()) {
        printed = print(summary);
    }
    if (printed.has_error() || loaded.ok()) return printed;
    return Failure(kFailed, "");  // The problems are printed.
}

}  // namespace

void add_check(Command app, Session& session) {
    Command sub = app.add_command("check", "Check configuration, store and key without starting");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("-c,--config", flags->config, "Configuration").option_text("FILE").required();
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    on_run(sub, session, [flags] { return check(*flags); });
}

}  // namespace kwikgate::gateway::cli
