#include "gateway/telemetry/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <mutex>
#include <utility>

namespace kwikgate::gateway {
namespace {

using Logger = std::shared_ptr<spdlog::logger>;

/// Our own slot, since the library's default logger may not be replaced while others log.
struct Slot {
    std::mutex mutex;
    Logger current;
    Logger prepared;
};

Slot& slot() {
    static Slot only;
    return only;
}

Logger make_logger(const std::string& level, const std::string& destination) {
    spdlog::sink_ptr sink;
    if (destination == "stderr") {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
        sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(destination);
    }
    auto logger = std::make_shared<spdlog::logger>("kwikgate", std::move(sink));
    logger->set_level(spdlog::level::from_str(level));
    // Every line: one that waits in a buffer is missed when it is looked for, and there are few.
    logger->flush_on(spdlog::level::trace);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    return logger;
}

void write(spdlog::level::level_enum level, std::string_view message) {
    Logger logger;
    {
        const std::lock_guard lock(slot().mutex);
        // What is logged before a log is open (tests) goes where people look.
        if (slot().current == nullptr) slot().current = make_logger("info", "stderr");
        logger = slot().current;
    }
    logger->log(level, spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace

std::string prepare_log(const std::string& level, const std::string& destination) {
    try {
        Logger logger = make_logger(level, destination);
        const std::lock_guard lock(slot().mutex);
        slot().prepared = std::move(logger);
    } catch (const spdlog::spdlog_ex& error) {
        return "cannot open log " + destination + ": " + error.what();
    }
    return {};
}

void switch_log() {
    const std::lock_guard lock(slot().mutex);
    slot().current = std::move(slot().prepared);
}

std::string open_log(const std::string& level, const std::string& destination) {
    std::string error = prepare_log(level, destination);
    if (error.empty()) switch_log();
    return error;
}

void log_debug(std::string_view message) {
    write(spdlog::level::debug, message);
}
void log_info(std::string_view message) {
    write(spdlog::level::info, message);
}
void log_warn(std::string_view message) {
    write(spdlog::level::warn, message);
}
void log_error(std::string_view message) {
    write(spdlog::level::err, message);
}

}  // namespace kwikgate::gateway
