#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::gateway {

struct ShellWord {
    std::string text;
    bool is_expanded = false;  ///< Holds `$…` or a backtick that only the shell can replace.
};

/// One command of a line, up to `|`, `;`, `&`, a redirection or the end of the line.
using ShellCommand = std::vector<ShellWord>;

struct ShellText {
    std::vector<ShellCommand> commands;
    std::string error;  ///< A quote that is not closed, or too many words.
};

/// Splits text as a POSIX shell does: quotes, backslashes, lines that are continued, `$'…'`,
/// comments. Expands nothing. **Cost**: linear.
ShellText read_shell(std::string_view text);

}  // namespace kwikgate::gateway
