#pragma once

#include <filesystem>
#include <utility>

#include "store/error.hpp"

namespace kwikgate::store {

/// Tells processes that use a store side by side from one that needs it alone. Whoever can write
/// has a share, from `open` to its end: what is sealed under a master key stays under that key
/// meanwhile. Ends with the process, however that ends.
class Hold {
  public:
    /// Neither waits. **Errors**: `in_use`, `read_only`, `io_error`.
    static Result<Hold> share(const std::filesystem::path& directory);
    static Result<Hold> take_alone(const std::filesystem::path& directory);
    Hold(Hold&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold();

  private:
    static Result<Hold> take(const std::filesystem::path& directory, int operation);
    explicit Hold(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace kwikgate::store
