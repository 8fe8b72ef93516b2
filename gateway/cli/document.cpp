#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "gateway/cli/command.hpp"
#include "gateway/cli/manual.hpp"

namespace kwikgate::gateway::cli {
namespace {

namespace fs = std::filesystem;

CliResult<void> write(const fs::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (out.fail()) return failed("cannot write " + file.string());
    return {};
}

CliResult<void> document(const CLI::App& root, const fs::path& directory) {
    const std::string& name = root.get_name();
    if (auto wrote = write(directory / (name + ".1"), manual_page(root)); wrote.has_error())
        return wrote;
    for (const CLI::App* command : visible_commands(root)) {
        const fs::path file = directory / (name + "-" + command->get_name() + ".1");
        if (auto wrote = write(file, manual_page(root, *command)); wrote.has_error()) return wrote;
    }
    return write(directory / (name + ".bash"), bash_completion(root));
}

}  // namespace

/// For who makes a package, so that it has no group and no line in the help.
void add_document(Command app, Session& session) {
    const Command sub =
        app.add_command("document", "Write the man pages and the bash completion").hide();
    const auto directory = std::make_shared<std::string>();
    sub.add_option("--dir", *directory, "Directory that is there").option_text("DIR").required();
    on_run(sub, session, [app, directory] { return document(app.app(), *directory); });
}

}  // namespace kwikgate::gateway::cli
