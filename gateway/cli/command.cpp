#include "gateway/cli/command.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "auth/ascii.hpp"

namespace kwikgate::gateway::cli {

void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
    throw std::logic_error("value of a failed command: " + failure.message());
}

Failure failed(std::string message) {
    return Failure(kFailed, std::move(message));
}

Failure misused(std::string message) {
    return Failure(kUsage, std::move(message));
}

Failure failed(std::string_view what, const boost::system::error_code& error) {
    return failed(std::string(what) + ": " + error.message());
}

std::string as_clause(std::string sentence) {
    // Not "API_KEY ...".
    if (sentence.size() > 1 && auth::is_upper(sentence[0]) && !auth::is_upper(sentence[1]))
        sentence[0] = auth::to_lower(sentence[0]);
    if (sentence.ends_with('.')) sentence.pop_back();
    return sentence;
}

Failure failed(const auth::ServiceError& error) {
    return failed(as_clause(error.detail.empty() ? error.code.message() : error.detail));
}

void on_run(Command sub, Session& session, std::function<CliResult<void>()> command) {
    sub.on_run([&session, command = std::move(command)] {
        const CliResult<void> result = command();
        if (result.has_value()) return;
        session.exit_code = result.error().exit_code();
        if (result.error().message().empty()) return;  // The command printed its own list.
        std::fprintf(stderr, "kwikgate: %s\n", result.error().message().c_str());
    });
}

CliResult<void> print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
        std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
        return {};
    }
    return failed(std::string("cannot write to standard output: ") + std::strerror(errno));
}

}  // namespace kwikgate::gateway::cli
