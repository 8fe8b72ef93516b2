#pragma once

#include <sys/types.h>

#include <filesystem>
#include <mutex>
#include <vector>

#include "store/error.hpp"

namespace kwikgate::store {

/// Marks a file as open in this process until destroyed. LMDB must never have one environment open
/// twice in a process: closing the second would drop the POSIX locks of the first.
class OpenMark {
  public:
    static Result<OpenMark> take(const std::filesystem::path& file);
    OpenMark(OpenMark&& other) noexcept;
    OpenMark& operator=(OpenMark&&) = delete;
    ~OpenMark();

  private:
    struct Key {
        pid_t process;  // A forked child does not share the parent's locks.
        dev_t device;
        ino_t inode;
        friend bool operator==(const Key&, const Key&) = default;
    };
    static std::mutex& mutex();
    static std::vector<Key>& keys();
    explicit OpenMark(Key key) : key_(key), is_held_(true) {}
    Key key_;
    bool is_held_;
};

}  // namespace kwikgate::store
