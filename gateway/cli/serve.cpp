#include <cstdio>
#include <memory>
#include <optional>

#include "gateway/app.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/config/load.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    std::string config;
    std::optional<unsigned> workers;
};

CliResult<void> run_gateway(const Flags& flags) {
    const LoadedConfig loaded = load_config(flags.config);
    for (const ConfigProblem& problem : loaded.problems) {
        std::fprintf(stderr, "%s\n", problem.to_string().c_str());
    }
    if (!loaded.ok()) return failed("the configuration is not valid; nothing was started");
    const std::optional<std::string> problem = serve(loaded.config, flags.workers);
    if (problem) return failed(*problem);
    return {};
}

}  // namespace

void add_serve(Command app, Session& session) {
    Command sub = app.add_command("serve", "Run the gateway");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("-c,--config", flags->config, "Configuration").option_text("FILE").required();
    sub.add_option("--workers", flags->workers, "Worker threads (default: as configured)")
        .option_text("N")
        .between(1, 1024);
    sub.footer("SIGHUP reloads the configuration; SIGTERM drains and ends.");
    on_run(sub, session, [flags] { return run_gateway(*flags); });
}

}  // namespace kwikgate::gateway::cli
