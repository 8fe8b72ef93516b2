#include "gateway/sandbox/sandbox.hpp"
#include "auth/address_text.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "gateway/cli/command.hpp"
#include "gateway/cli/embedded_files.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    std::string listen = "127.0.0.1:9090";
    unsigned delay_ms = 0;
    std::string routes;
};

/// "host:port" or "[v6]:port".
bool split_address(std::string_view text, sandbox::Options& options) {
    const auto address = auth::parse_address_text(text);
    if (!address || !address->has_port) return false;
    options.host = address->text;
    options.port = address->port;
    return true;
}

CliResult<void> run_sandbox(const Flags& flags) {
    sandbox::Options options;
    if (!split_address(flags.listen, options)) {
        return misused("--listen " + flags.listen +
                       ": write an address and port, for example 127.0.0.1:9090");
    }
    options.delay = std::chrono::milliseconds(flags.delay_ms);
    options.routes = kwik_routes();
    std::string text;
    if (!flags.routes.empty()) {
        std::ifstream file(flags.routes, std::ios::binary);
        if (!file) return failed("cannot read " + flags.routes);
        text.assign(std::istreambuf_iterator<char>(file), {});
        options.routes = text;
    }
    options.on_ready = [&options](std::uint16_t port) {
        // A test that named port 0 reads the real one here; if nobody listens, it still serves.
        (void)print("sandbox listening on " + options.host + ":" + std::to_string(port) + "\n");
    };
    if (const auto problem = sandbox::run(options)) return failed(*problem);
    return {};
}

}  // namespace

void add_sandbox(Command app, Session& session) {
    Command sub = app.add_command("sandbox", "Run a small stand-in for the Kwik API");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("--listen", flags->listen, "Where to listen (default 127.0.0.1:9090)")
        .option_text("ADDR");
    sub.add_option("--delay", flags->delay_ms, "Milliseconds to wait before every answer")
        .option_text("MS")
        .between(0, 600'000);
    sub.add_option("--routes", flags->routes, "File with the routes to answer (default: Kwik's)")
        .option_text("FILE");
    sub.footer(
        "Every answer holds, under \"echo\", what was received. GET /sandbox/requests\n"
        "counts what came. For trying and testing: it checks no credentials.");
    on_run(sub, session, [flags] { return run_sandbox(*flags); });
}

}  // namespace kwikgate::gateway::cli
