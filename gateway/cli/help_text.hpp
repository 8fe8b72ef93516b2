#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace kwikgate::gateway::cli {

inline constexpr std::size_t kHelpColumns = 80;

/// `text` broken at spaces into lines of at most `columns`, all but the first indented by `indent`.
std::string wrap(std::string_view text, std::size_t indent, std::size_t columns = kHelpColumns);

/// Help that fits 80 columns, the descriptions wrapped in their own column.
class HelpFormatter : public CLI::Formatter {
  public:
    HelpFormatter();
    std::string make_option(const CLI::Option* option, bool is_positional) const override;
    std::string make_subcommand(const CLI::App* sub) const override;
    std::string make_usage(const CLI::App* app, std::string name) const override;
};

}  // namespace kwikgate::gateway::cli
