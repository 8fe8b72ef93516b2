#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "gateway/cli/command.hpp"
#include "gateway/cli/unfinished.hpp"

namespace kwikgate::gateway::cli {

/// A new file that only its owner may read (0600), for secrets that are shown once. Made before the
/// secret exists, so that a wrong path costs nothing. **Owns** the descriptor; a file that is not
/// kept is removed again, also when the command is interrupted.
class PrivateFile {
  public:
    /// Fails when the file exists.
    static CliResult<PrivateFile> create(std::filesystem::path path);
    PrivateFile(PrivateFile&& other) noexcept;
    PrivateFile& operator=(PrivateFile&&) = delete;
    ~PrivateFile();

    CliResult<void> write(std::string_view text);
    /// From here on what was written outlasts a loss of power.
    CliResult<void> sync();
    /// Closes it; from here on it stays. After `sync`.
    void keep();
    /// Both.
    CliResult<void> finish();
    const std::filesystem::path& path() const { return path_; }

  private:
    PrivateFile(std::filesystem::path path, int descriptor)
        : path_(std::move(path)),
          descriptor_(descriptor),
          unfinished_(std::make_unique<Unfinished>(path_)) {}
    std::filesystem::path path_;
    int descriptor_;
    std::unique_ptr<Unfinished> unfinished_;
};

}  // namespace kwikgate::gateway::cli
