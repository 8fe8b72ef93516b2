#pragma once

#include <unistd.h>

#include <filesystem>
#include <string_view>

namespace kwikgate::auth {

/// An open file, closed when it dies.
class FileDescriptor {
  public:
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    bool is_open() const { return fd_ >= 0; }
    int get() const { return fd_; }

  private:
    int fd_;
};

/// False, with `errno` set, when not all was written.
bool write_all(int fd, std::string_view bytes);
/// Makes the entry of `file` in its directory durable. False, with `errno` set, when it is not.
bool sync_directory_of(const std::filesystem::path& file);

}  // namespace kwikgate::auth
