#pragma once

#include <csignal>

namespace kwikgate::gateway::cli {

/// While it lives SIGINT, SIGTERM and SIGHUP wait. For what must not be torn apart: a change of the
/// store, and that somebody has its secret. For a moment, or else Ctrl-C seems dead.
/// **Threads**: signals wait in its own thread and in those that are begun while it lives.
class HeldSignals {
  public:
    HeldSignals();
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    /// What waited is delivered now.
    ~HeldSignals();

  private:
    sigset_t before_{};
};

}  // namespace kwikgate::gateway::cli
