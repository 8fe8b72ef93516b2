#include "gateway/cli/cli.hpp"

#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/command.hpp"
#include "gateway/cli/help_text.hpp"
#include "gateway/config/source.hpp"

namespace kwikgate::gateway::cli {
namespace {

void build(CLI::App& root, Session& session) {
    root.name("kwikgate");
    root.formatter(std::make_shared<HelpFormatter>());
    root.set_version_flag("--version", "kwikgate " KWIKGATE_VERSION, "Print the version");
    const Command app(root);
    app.require_command();
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

/// The deepest command that was named.
const CLI::App& named_command(const CLI::App& app) {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return *at;
}

/// "kwikgate token create".
std::string path_of(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : path_of(*parent) + " " + command.get_name();
}

/// Values are not repeated: somebody may have given a secret.
std::string superfluous(const CLI::App& app) {
    for (const std::string& argument : app.remaining(true))
        if (argument.starts_with('-') && argument != "-")
            return "there is no option " + argument.substr(0, argument.find('='));
    return "there are more arguments than it takes";
}

/// What is wrong with the arguments. The library says "A subcommand is required" also where one was
/// named that does not exist.
std::string complaint(const CLI::App& app, const CLI::App& command, const CLI::ParseError& error) {
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return superfluous(app);
    const auto commands = command.get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty() || dynamic_cast<const CLI::RequiredError*>(&error) == nullptr)
        return error.what();
    const std::vector<std::string> unknown = app.remaining(true);
    if (unknown.empty()) return "name a command";
    std::vector<std::string_view> names;
    for (const CLI::App* sub : commands)
        if (!sub->get_group().empty()) names.emplace_back(sub->get_name());
    const std::string hint = did_you_mean(unknown.front(), names);
    return "there is no command \"" + unknown.front() + "\"" + (hint.empty() ? "" : ", " + hint);
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
            const CLI::App& command = named_command(app);
            const std::string path = path_of(command);
            std::fprintf(stderr, "%s: %s (see '%s --help')\n", path.c_str(),
                         complaint(app, command, error).c_str(), path.c_str());
            return kUsage;
        }
        return session.exit_code;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kwikgate: %s\n", error.what());
        return kFailed;
    }
}

}  // namespace kwikgate::gateway::cli
