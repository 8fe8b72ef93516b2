#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kwikgate::gateway::cli {

/// One option of a command: a handle, to be copied. Only command_line.cpp compiles CLI11 for it, so
/// that a command compiles in a second or two.
/// **Borrows** the option, which lives as long as the command line.
class Option {
  public:
    explicit Option(CLI::Option& option) : option_(&option) {}

    /// How help names the value: "FILE".
    Option option_text(const char* text) const;
    Option required(bool is_required = true) const;
    /// Refuses any other value; help is left as it is.
    Option one_of(std::initializer_list<const char*> values) const;
    /// Refuses a number outside `least` and `most`.
    Option between(std::uint32_t least, std::uint32_t most) const;
    /// Refuses the command line when that option is there as well. It must exist already.
    Option excludes(const char* other) const;
    Option needs(const char* other) const;
    /// One value a time, or several in one argument with `delimiter` between them.
    Option list(char delimiter) const;

  private:
    CLI::Option* option_;
};

/// One command of the command line, or its root: a handle, to be copied. What an option or a flag
/// writes to must live until the command ran.
class Command {
  public:
    explicit Command(CLI::App& app) : app_(&app) {}
    CLI::App& app() const { return *app_; }

    Command add_command(const char* name, const char* description) const;
    Option add_option(const char* name, std::string& value, const std::string& description) const;
    Option add_option(const char* name, std::optional<std::string>& value,
                      const std::string& description) const;
    Option add_option(const char* name, std::vector<std::string>& value,
                      const std::string& description) const;
    Option add_option(const char* name, std::uint32_t& value, const std::string& description) const;
    Option add_option(const char* name, std::optional<std::uint32_t>& value,
                      const std::string& description) const;
    Option add_option(const char* name, std::uint64_t& value, const std::string& description) const;
    Option add_flag(const char* name, bool& value, const std::string& description) const;
    Option option(const char* name) const;

    void footer(const char* text) const;
    /// A command below this one has to be named.
    void require_command() const;
    /// Help, manual and completion do not name it.
    Command hide() const;
    bool was_given(const char* option) const;
    void on_run(std::function<void()> action) const;

  private:
    CLI::App* app_;
};

}  // namespace kwikgate::gateway::cli
