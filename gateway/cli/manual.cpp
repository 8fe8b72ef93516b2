#include "gateway/cli/manual.hpp"

#include "auth/ascii.hpp"

namespace kwikgate::gateway::cli {
namespace {

/// Text that roff prints as it is.
std::string escape(std::string_view text) {
    std::string out;
    bool begins_line = true;
    for (const char c : text) {
        if (begins_line && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        begins_line = c == '\n';
    }
    return out;
}

/// Escaped, and with a full stop.
std::string sentence(std::string_view text) {
    return escape(text) + (text.empty() || text.ends_with('.') ? "" : ".");
}

std::string title(const std::string& name) {
    return ".TH " + escape(auth::upper_case(name)) +
           " 1 \"\" \"kwikgate " KWIKGATE_VERSION "\" kwikgate\n";
}

std::string value_of(const CLI::Option& option) {
    if (!option.get_option_text().empty()) return option.get_option_text();
    return option.get_type_size() == 0 ? "" : option.get_type_name();
}

std::string option_entry(const CLI::Option& option) {
    std::string names;
    for (const std::string& name : option.get_snames())
        names += (names.empty() ? "" : ", ") + ("\\fB\\-" + escape(name)) + "\\fR";
    for (const std::string& name : option.get_lnames())
        names += (names.empty() ? "" : ", ") + ("\\fB\\-\\-" + escape(name)) + "\\fR";
    if (const std::string value = value_of(option); !value.empty())
        names += " \\fI" + escape(value) + "\\fR";
    return ".TP\n" + names + "\n" + sentence(option.get_description()) +
           (option.get_required() ? " Required." : "") + "\n";
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& app) {
    return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::string synopsis(const std::string& name, const CLI::App& command) {
    std::string out = "\\fB" + escape(name) + "\\fR";
    for (const CLI::Option* option : positionals_of(command))
        out += " \\fI" + escape(option->get_name(true)) + "\\fR";
    if (!visible_commands(command).empty()) out += " \\fICOMMAND\\fR";
    return out + " [\\fIOPTIONS\\fR]\n";
}

/// Description, operands, options and footer of one command.
std::string body(const CLI::App& command) {
    std::string out = sentence(command.get_description()) + "\n";
    for (const CLI::Option* option : positionals_of(command))
        out += ".TP\n\\fI" + escape(option->get_name(true)) + "\\fR\n" +
               sentence(option->get_description()) + "\n";
    for (const CLI::Option* option : options_of(command)) out += option_entry(*option);
    if (const std::string footer = command.get_footer(); !footer.empty())
        out += ".PP\n" + escape(footer) + "\n";
    return out;
}

/// The commands below `parent`, a subsection each.
std::string commands_below(const std::string& name, const CLI::App& parent) {
    std::string out;
    for (const CLI::App* command : visible_commands(parent)) {
        const std::string full = name + " " + command->get_name();
        out += ".SS " + escape(full) + "\n" + synopsis(full, *command) + ".PP\n" + body(*command) +
               commands_below(full, *command);
    }
    return out;
}

constexpr std::string_view kExitStatus =
    ".SH EXIT STATUS\n0: done. 1: failed; a message on standard error says what to do. 2: wrong "
    "usage.\n";

}  // namespace

std::vector<const CLI::App*> visible_commands(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
    return app.get_options([](const CLI::Option* option) { return !option->get_positional(); });
}

std::string manual_page(const CLI::App& root) {
    const std::string& name = root.get_name();
    std::string out = title(name) + ".SH NAME\n" + name +
                      " \\- API gateway and authentication "
                      "proxy\n.SH SYNOPSIS\n" +
                      synopsis(name, root) + ".SH DESCRIPTION\n" + body(root) + ".SH COMMANDS\n";
    std::string pages;
    for (const CLI::App* command : visible_commands(root)) {
        out += ".TP\n\\fB" + escape(name + "-" + command->get_name()) + "\\fR(1)\n" +
               sentence(command->get_description()) + "\n";
        pages += (pages.empty() ? "" : ",\n") + ("\\fB" + escape(name)) + "\\-" +
                 escape(command->get_name()) + "\\fR(1)";
    }
    return out + std::string(kExitStatus) +
           ".SH FILES\n.TP\n\\fI/etc/kwikgate/kwikgate.json\\fR\nThe configuration of the "
           "service.\n"
           ".TP\n\\fI/var/lib/kwikgate/store\\fR\nIts token store.\n.SH SEE ALSO\n" +
           pages + "\n";
}

std::string manual_page(const CLI::App& root, const CLI::App& command) {
    const std::string full = root.get_name() + " " + command.get_name();
    const std::string page = root.get_name() + "-" + command.get_name();
    std::string out = title(page) + ".SH NAME\n" + escape(page) + " \\- " +
                      escape(command.get_description()) + "\n.SH SYNOPSIS\n" +
                      synopsis(full, command) + ".SH DESCRIPTION\n" + body(command);
    const std::string below = commands_below(full, command);
    if (!below.empty()) out += ".SH COMMANDS\n" + below;
    return out + std::string(kExitStatus) + ".SH SEE ALSO\n\\fB" + root.get_name() + "\\fR(1)\n";
}

}  // namespace kwikgate::gateway::cli
