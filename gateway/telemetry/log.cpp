#include "gateway/telemetry/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace kwikgate::gateway {

std::string open_log(const std::string& level, const std::string& destination) {
    try {
        spdlog::drop("kwikgate");
        auto logger = destination == "stderr" ? spdlog::stderr_logger_mt("kwikgate")
                                              : spdlog::basic_logger_mt("kwikgate", destination);
        logger->set_level(spdlog::level::from_str(level));
        logger->flush_on(spdlog::level::info);
        logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
        spdlog::set_default_logger(std::move(logger));
    } catch (const spdlog::spdlog_ex& error) {
        return "cannot open log " + destination + ": " + error.what();
    }
    return {};
}

void log_debug(std::string_view message) {
    spdlog::debug("{}", message);
}
void log_info(std::string_view message) {
    spdlog::info("{}", message);
}
void log_warn(std::string_view message) {
    spdlog::warn("{}", message);
}
void log_error(std::string_view message) {
    spdlog::error("{}", message);
}

}  // namespace kwikgate::gateway
