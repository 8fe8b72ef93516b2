#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace kwikgate::gateway::cli {

/// Says on a terminal how far long work is: one line on standard error, written anew twice a second
/// and taken away at the end. Silent elsewhere, and where the work is done at once.
/// **Threads**: one of its own calls `tell`, from the constructor to the destructor.
class Progress {
  public:
    /// `tell` says what is being done and how far, for example "120000 lines read".
    explicit Progress(std::function<std::string()> tell);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

  private:
    void run();
    void show(const std::string& line);

    std::function<std::string()> tell_;
    std::size_t shown_columns_ = 0;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace kwikgate::gateway::cli
