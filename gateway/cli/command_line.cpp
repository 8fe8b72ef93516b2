#include "gateway/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <utility>

namespace kwikgate::gateway::cli {

Option Option::option_text(const char* text) const {
    option_->option_text(text);
    return *this;
}

Option Option::required(bool is_required) const {
    option_->required(is_required);
    return *this;
}

Option Option::one_of(std::initializer_list<const char*> values) const {
    option_->check(CLI::IsMember(std::vector<std::string>(values.begin(), values.end())));
    return *this;
}

Option Option::between(std::uint32_t least, std::uint32_t most) const {
    option_->check(CLI::Range(least, most));
    return *this;
}

Option Option::excludes(const char* other) const {
    option_->excludes(other);
    return *this;
}

Option Option::needs(const char* other) const {
    option_->needs(other);
    return *this;
}

Option Option::list(char delimiter) const {
    option_->delimiter(delimiter)->allow_extra_args(false);
    return *this;
}

Command Command::add_command(const char* name, const char* description) const {
    return Command(*app_->add_subcommand(name, description));
}

Option Command::add_option(const char* name, std::string& value,
                           const std::string& description) const {
    return Option(*app_->add_option(name, value, description));
}

Option Command::add_option(const char* name, std::optional<std::string>& value,
                           const std::string& description) const {
    return Option(*app_->add_option(name, value, description));
}

Option Command::add_option(const char* name, std::vector<std::string>& value,
                           const std::string& description) const {
    return Option(*app_->add_option(name, value, description));
}

Option Command::add_option(const char* name, std::uint32_t& value,
                           const std::string& description) const {
    return Option(*app_->add_option(name, value, description));
}

Option Command::add_option(const char* name, std::optional<std::uint32_t>& value,
                           const std::string& description) const {
    return Option(*app_->add_option(name, value, description));
}

Option Command::add_option(const char* name, std::uint64_t& value,
                           const std::string& description) const {
    return Option(*app_->add_option(name, value, description));
}

Option Command::add_flag(const char* name, bool& value, const std::string& description) const {
    return Option(*app_->add_flag(name, value, description));
}

Option Command::option(const char* name) const {
    return Option(*app_->get_option(name));
}

void Command::footer(const char* text) const {
    app_->footer(text);
}

void Command::require_command() const {
    app_->require_subcommand(1);
}

Command Command::hide() const {
    app_->group("");
    return *this;
}

bool Command::was_given(const char* option) const {
    return app_->count(option) != 0;
}

void Command::on_run(std::function<void()> action) const {
    app_->callback(std::move(action));
}

}  // namespace kwikgate::gateway::cli
