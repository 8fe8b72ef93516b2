#include "gateway/cli/cli.hpp"

#include <sys/prctl.h>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "gateway/cli/command.hpp"
#include "gateway/cli/help_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

void build(CLI::App& app, Session& session) {
    app.name("kwikgate");
    app.formatter(std::make_shared<HelpFormatter>());
    app.set_version_flag("--version", "kwikgate " KWIKGATE_VERSION, "Print the version");
    app.require_subcommand(1);
    app.get_formatter()->label("SUBCOMMAND", "COMMAND");
    add_init(app, session);
    add_serve(app, session);
    add_check(app, session);
    add_token(app, session);
    add_sign(app, session);
    add_explain(app, session);
    add_audit(app, session);
    add_admin(app, session);
    add_store(app, session);
    add_routes(app, session);
    add_sandbox(app, session);
    add_document(app, session);
    app.footer(
        "Exit codes: 0 done, 1 failed, 2 wrong usage. Secrets are never arguments:\n"
        "they are read from files, standard input or the environment.");
}

/// A crash must not write keys to a disk, and a debugger of the same user must not read them: every
/// command may come to hold one.
void forbid_dumps() {
    ::prctl(PR_SET_DUMPABLE, 0);
}

/// The heading of the commands in the help of every command. Those without one stay hidden.
void head_commands(CLI::App& app) {
    for (CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; })) {
        if (!sub->get_group().empty()) sub->group("Commands");
        head_commands(*sub);
    }
}

/// The deepest command that was named, with its parents: "kwikgate token create".
std::string named_command(const CLI::App& app) {
    std::string out = app.get_name();
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) {
        at = at->get_subcommands().front();
        out += " " + at->get_name();
    }
    return out;
}

}  // namespace

int run(int argc, char** argv) {
    forbid_dumps();
    try {
        Session session;
        CLI::App app("kwikgate: a gateway that checks credentials in front of the Kwik API");
        build(app, session);
        head_commands(app);
        try {
            app.parse(argc, argv);
        } catch (const CLI::Success& help_or_version) {
            return app.exit(help_or_version);
        } catch (const CLI::ParseError& error) {
            const std::string command = named_command(app);
            std::fprintf(stderr, "%s: %s (see '%s --help')\n", command.c_str(), error.what(),
                         command.c_str());
            return kUsage;
        }
        return session.exit_code;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kwikgate: %s\n", error.what());
        return kFailed;
    }
}

}  // namespace kwikgate::gateway::cli
