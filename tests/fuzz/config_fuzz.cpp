/// A configuration; the first zero byte, if there is one, ends it and starts a routes file. No file
/// is opened. Claims: it ends, every problem has a place, and what is accepted has what the gateway
/// needs to start.

#include <string>

#include "gateway/config/load.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    std::string text(fuzz::as_text(data, size));
    std::string routes;
    if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
        routes = text.substr(zero + 1);
        text.resize(zero);
    }
    const std::filesystem::path main_file = "/fuzz/main.json";
    const auto loaded = gateway::load_config(main_file, [&](const std::filesystem::path& file) {
        return boost::system::result<std::string>(file == main_file ? text : routes);
    });
    for (const gateway::ConfigProblem& problem : loaded.problems) {
        fuzz::require(problem.line != 0 && problem.column != 0, "a problem has a place");
        fuzz::require(!problem.message.empty(), "a problem is told");
    }
    if (!loaded.ok()) return 0;
    const gateway::Config& config = loaded.config;
    fuzz::require(!config.listeners.empty(), "there is a listener");
    fuzz::require(!config.upstreams.empty(), "there is an upstream");
    fuzz::require(!config.routes.empty(), "there is a route");
    fuzz::require(!config.environments.live.empty(), "live tokens have an upstream");
    return 0;
}
