#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gateway/proxy/server_state.hpp"
#include "gateway/proxy/upstream.hpp"

namespace kwikgate::gateway::proxy {

/// Looks the names of servers up again, each upstream's at its own interval, in a thread of its
/// own: a look-up can take as long as its name servers let it. A name that cannot be found keeps
/// the addresses that it had.
class NameRefresher {
  public:
    using LookUp = std::function<std::string(const std::string&, const std::string&, AddressList&)>;
    explicit NameRefresher(LookUp look_up = proxy::look_up);
    NameRefresher(const NameRefresher&) = delete;
    NameRefresher& operator=(const NameRefresher&) = delete;
    /// Does not wait for a look-up that is under way; its result goes nowhere.
    ~NameRefresher();

    /// From now on the servers of these are looked up, and no others. **Threads**: the main one.
    void watch(const std::vector<Upstream>& upstreams);

  private:
    struct Name;
    struct Work;
    static void run(const std::shared_ptr<Work>& work);

    std::shared_ptr<Work> work_;
    std::thread thread_;
};

}  // namespace kwikgate::gateway::proxy
