#include "gateway/cli/manual.hpp"

namespace kwikgate::gateway::cli {
namespace {

std::string words_of(const CLI::App& command) {
    std::string words;
    for (const CLI::App* sub : visible_commands(command)) words += sub->get_name() + " ";
    for (const CLI::Option* option : options_of(command)) {
        for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
        for (const std::string& name : option->get_snames()) words += "-" + name + " ";
    }
    if (!words.empty()) words.pop_back();
    return words;
}

/// "path) commands; words": what follows a chain of commands.
void add_cases(const std::string& path, const CLI::App& command, std::string& cases,
               std::string& chains) {
    cases += "        '" + path + "') words='" + words_of(command) + "' ;;\n";
    for (const CLI::App* sub : visible_commands(command)) {
        const std::string below = path + (path.empty() ? "" : " ") + sub->get_name();
        chains += "'" + below + "'|";
        add_cases(below, *sub, cases, chains);
    }
}

}  // namespace

std::string bash_completion(const CLI::App& root) {
    std::string cases;
    std::string chains;
    add_cases("", root, cases, chains);
    chains.pop_back();
    return "# bash completion for " + root.get_name() +
           "\n"
           "_kwikgate() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} chain='' next words='' i\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        next=\"${chain:+$chain }${COMP_WORDS[i]}\"\n"
           "        case $next in\n"
           "        " +
           chains +
           ") chain=$next ;;\n"
           "        esac\n"
           "    done\n"
           "    case $chain in\n" +
           cases +
           "    esac\n"
           "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
           "}\n"
           "complete -o default -F _kwikgate " +
           root.get_name() + "\n";
}

}  // namespace kwikgate::gateway::cli
