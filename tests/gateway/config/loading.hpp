#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/load.hpp"

/// Loads configurations that are text in a test: the least that is valid, with pieces of it
/// changed.
namespace kwikgate::gateway {

inline constexpr const char* kMinimal =
    R"({"listeners":[{}],"upstreams":{"a":{"servers":["http://127.0.0.1:1"]}},)"
    R"("environments":{"live":"a"},"routes":[{"method":"GET","path":"/"}]})";

inline constexpr const char* kMainFile = "/etc/kwikgate/main.json";

/// Files in memory; `main_file` is the configuration.
inline LoadedConfig load_files(const std::map<std::string, std::string>& files,
                               const char* main_file = kMainFile) {
    return load_config(
        main_file, [&](const std::filesystem::path& file) -> boost::system::result<std::string> {
            const auto found = files.find(file.string());
            if (found != files.end()) return found->second;
            return boost::system::error_code(ENOENT, boost::system::generic_category());
        });
}

inline LoadedConfig load_text(const std::string& text, const char* file = kMainFile) {
    return load_files({{file, text}}, file);
}

/// The problems as they are told, without the name of the main file.
inline std::vector<std::string> lines(const LoadedConfig& loaded) {
    std::vector<std::string> made;
    const std::string prefix = std::string(kMainFile) + ":";
    for (const ConfigProblem& problem : loaded.problems) {
        const std::string line = problem.to_string();
        made.push_back(line.starts_with(prefix) ? line.substr(prefix.size()) : line);
    }
    return made;
}

/// The text with the first such piece replaced; a failure where it has none.
inline std::string with(std::string text, std::string_view piece, std::string_view replacement) {
    const std::size_t at = text.find(piece);
    EXPECT_NE(at, std::string::npos) << piece;
    return at == std::string::npos ? text : text.replace(at, piece.size(), replacement);
}

/// The minimal configuration with one piece replaced.
inline std::string minimal_with(std::string_view piece, std::string_view replacement) {
    return with(kMinimal, piece, replacement);
}

/// The minimal configuration with members put in front.
inline std::string minimal_plus(std::string_view members) {
    return "{" + std::string(members) + "," + std::string(kMinimal).substr(1);
}

}  // namespace kwikgate::gateway
