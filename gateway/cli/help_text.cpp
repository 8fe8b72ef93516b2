#include "gateway/cli/help_text.hpp"

#include "auth/ascii.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kNameColumns = 28;

std::string row(std::string name, std::string_view description) {
    while (name.ends_with(' ')) name.pop_back();
    std::string out = "  " + std::move(name);
    if (description.empty()) return out + "\n";
    if (out.size() + 2 > kNameColumns) {
        out += "\n" + std::string(kNameColumns, ' ');
    } else {
        out.resize(kNameColumns, ' ');
    }
    return out + wrap(description, kNameColumns) + "\n";
}

}  // namespace

std::string wrap(std::string_view text, std::size_t indent, std::size_t columns) {
    std::string out;
    std::size_t column = indent;
    while (!text.empty()) {
        const std::size_t end = text.find(' ');
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (word.empty()) continue;
        if (column > indent && column + 1 + word.size() > columns) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        }
        if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
    }
    return out;
}

HelpFormatter::HelpFormatter() {
    label("REQUIRED", "(required)");
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
    std::string name = make_option_name(option, is_positional);
    if (is_positional) name = auth::upper_case(name);
    if (!is_positional && !option->get_option_text().empty()) {
        name += " " + option->get_option_text();
    } else if (!is_positional && option->get_type_size() != 0) {
        name += " " + option->get_type_name();
    }
    std::string description = make_option_desc(option);
    if (option->get_required()) description += " " + get_label("REQUIRED");
    return row(std::move(name), description);
}

std::string HelpFormatter::make_subcommand(const CLI::App* sub) const {
    return row(sub->get_name(), sub->get_description());
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
    std::string out = "\nUsage: ";
    out += name.empty() ? app->get_name() : name;
    const auto positionals =
        app->get_options([](const CLI::Option* option) { return option->get_positional(); });
    for (const CLI::Option* option : positionals)
        out += " " + auth::upper_case(make_option_usage(option));
    const bool has_commands = !app->get_subcommands({}).empty();
    out += has_commands ? " COMMAND [OPTIONS]\n" : " [OPTIONS]\n";
    return out;
}

}  // namespace kwikgate::gateway::cli
