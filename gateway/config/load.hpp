#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <boost/system/result.hpp>

#include "gateway/config/config.hpp"

namespace kwikgate::gateway {

/// One thing wrong with a configuration file.
struct ConfigProblem {
    std::filesystem::path file;
    std::size_t line = 0;    ///< From 1; 0 when the file could not be read.
    std::size_t column = 0;  ///< From 1, in bytes.
    std::string pointer;     ///< JSON pointer (RFC 6901) of the offending value.
    std::string message;
    std::string hint;  ///< May be empty.
    /// "file:line:column: pointer: message (hint)".
    std::string to_string() const;
};

struct LoadedConfig {
    Config config;
    std::vector<ConfigProblem> problems;  ///< All of them; `config` is usable only when empty.
    std::vector<ConfigProblem> warnings;  ///< What may not be meant, or has changed. Stops nothing.
    bool ok() const { return problems.empty(); }
};

/// Reads, parses and validates a configuration and the route files it names. Opens nothing else:
/// no store, no key, no socket. Relative paths are resolved against the file's directory.
LoadedConfig load_config(const std::filesystem::path& file);

/// How `load_config` gets at a file's text.
using FileReader = std::function<boost::system::result<std::string>(const std::filesystem::path&)>;

/// The same from anywhere: for tests and fuzzing.
LoadedConfig load_config(const std::filesystem::path& file, const FileReader& read);

}  // namespace kwikgate::gateway
