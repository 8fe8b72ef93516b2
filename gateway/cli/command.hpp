#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "auth/service_error.hpp"
#include "gateway/cli/cli.hpp"
#include "gateway/cli/command_line.hpp"

namespace kwikgate::gateway::cli {

/// Why a command stopped: one line for standard error that says what to do. Holds no secret.
class Failure {
  public:
    Failure() = default;
    Failure(int exit_code, std::string message)
        : exit_code_(exit_code), message_(std::move(message)) {}
    int exit_code() const { return exit_code_; }
    const std::string& message() const { return message_; }

  private:
    int exit_code_ = kFailed;
    std::string message_;
};

/// Called by boost::system::result when a value is asked of a failure: a bug of ours.
[[noreturn]] void throw_exception_from_error(const Failure& failure,
                                             const boost::source_location& where);

template <class T>
using CliResult = boost::system::result<T, Failure>;

/// A failure of the work (exit code 1).
Failure failed(std::string message);
/// A failure of the call: a flag is missing or has a wrong value (exit code 2).
Failure misused(std::string message);
/// `what`, then the sentence of the store's or the operating system's error.
Failure failed(std::string_view what, const boost::system::error_code& error);
Failure failed(const auth::ServiceError& error);
/// A sentence of the services as messages on a terminal are written: "kwikgate: what: why", in
/// lower case and without a full stop.
std::string as_clause(std::string sentence);

/// What the commands hand back to `run`.
struct Session {
    int exit_code = kDone;
};

/// Makes `command` run when `sub` was named on the command line; prints its failure.
void on_run(Command sub, Session& session, std::function<CliResult<void>()> command);

/// Writes all of `text` to standard output and flushes it: a secret shown once must not vanish in a
/// full disk without a word.
CliResult<void> print(std::string_view text);

void add_init(Command app, Session& session);
void add_serve(Command app, Session& session);
void add_check(Command app, Session& session);
void add_token(Command app, Session& session);
void add_audit(Command app, Session& session);
void add_admin(Command app, Session& session);
void add_login_link(Command admin, Session& session);
void add_store(Command app, Session& session);
void add_sign(Command app, Session& session);
void add_explain(Command app, Session& session);
void add_routes(Command app, Session& session);
void add_sandbox(Command app, Session& session);
void add_document(Command app, Session& session);

}  // namespace kwikgate::gateway::cli
