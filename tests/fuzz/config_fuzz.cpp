#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/config/load.hpp"

/// A configuration from any bytes; the first zero byte, if there is one, ends it and starts a
/// routes file. No file is opened. Held: it ends, every problem has a place, and what is accepted
/// has what the gateway needs to start.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate::gateway;
    std::string text(data, data + size);
    std::string routes;
    if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
        routes = text.substr(zero + 1);
        text.resize(zero);
    }
    const std::filesystem::path main_file = "/fuzz/main.json";
    const LoadedConfig loaded = load_config(main_file, [&](const std::filesystem::path& file) {
        return boost::system::result<std::string>(file == main_file ? text : routes);
    });
    for (const ConfigProblem& problem : loaded.problems)
        if (problem.line == 0 || problem.column == 0 || problem.message.empty()) std::abort();
    if (loaded.ok()) {
        const Config& config = loaded.config;
        if (config.listeners.empty() || config.upstreams.empty() || config.routes.empty() ||
            config.environments.live.empty())
            std::abort();
    }
    return 0;
}
