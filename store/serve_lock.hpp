#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "store/error.hpp"

namespace kwikgate::store {

/// One gateway's right to serve from a store. Two of them would each accept a captured write. A
/// lock of the kernel: it ends with the process, however that ends. `serve.lock` says who has it,
/// and under which number it serves: the life that what it leaves behind must be of.
class ServeLock {
  public:
    using Life = std::array<std::uint8_t, 16>;

    /// Does not wait. **Errors**: `in_use`, `foreign_file`, `read_only`, `io_error`.
    static Result<ServeLock> try_take(const std::filesystem::path& directory);
    /// "process 7 on host a" for a message; "another process" where the file does not tell.
    static std::string holder(const std::filesystem::path& directory);

    ServeLock(ServeLock&& other) noexcept
        : file_(std::move(other.file_)),
          descriptor_(std::exchange(other.descriptor_, -1)),
          life_(other.life_) {}
    ServeLock& operator=(ServeLock&&) = delete;
    ~ServeLock() { release(); }

    /// Of whoever served last until `begin_life`, then ours. Empty where it is not known.
    const std::optional<Life>& life() const { return life_; }
    /// Draws a new life and writes it down. When that fails nobody can know it, and it is empty.
    Result<void> begin_life();
    /// False when the file was removed or replaced, or tells of another life: somebody else may
    /// serve from the store.
    bool is_ours() const;
    /// Another process may serve from here on.
    void release();

  private:
    ServeLock(std::filesystem::path file, int descriptor)
        : file_(std::move(file)), descriptor_(descriptor) {}
    bool is_in_place() const;
    Result<void> write_record() const;

    std::filesystem::path file_;
    int descriptor_;
    std::optional<Life> life_;
};

}  // namespace kwikgate::store
