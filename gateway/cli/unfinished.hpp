#pragma once

#include <filesystem>

namespace kwikgate::gateway::cli {

/// A file, or a directory that is empty but for the one registered before it, that goes away when
/// the command is interrupted (SIGINT, SIGTERM, SIGHUP) before it is complete. What was ignored
/// when the command began (`nohup`) stays ignored.
/// **Threads**: one. At most four at a time; what is beyond that stays behind.
class Unfinished {
  public:
    explicit Unfinished(const std::filesystem::path& path);
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    /// Leaves it where it is.
    ~Unfinished();

  private:
    int slot_ = -1;
};

}  // namespace kwikgate::gateway::cli
