#pragma once

#include <unistd.h>

#include <boost/system/error_code.hpp>
#include <filesystem>
#include <string_view>

namespace kwikgate::store {

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

/// What `errno` says, as an error.
boost::system::error_code last_error();
/// False, with `errno` set, when not all was written.
bool write_all(int fd, std::string_view bytes);
/// Makes the names in `directory` durable; an empty path is the working directory. Fine where the
/// file system has no such thing to sync.
boost::system::error_code sync_directory(const std::filesystem::path& directory);

}  // namespace kwikgate::store
