#include "store/file_descriptor.hpp"

#include <fcntl.h>

#include <cerrno>

namespace kwikgate::store {

boost::system::error_code last_error() {
    return {errno, boost::system::system_category()};
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

boost::system::error_code sync_directory(const std::filesystem::path& directory) {
    const char* const path = directory.empty() ? "." : directory.c_str();
    const FileDescriptor fd(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open()) return last_error();
    if (::fsync(fd.get()) != 0 && errno != EINVAL) return last_error();
    return {};
}

}  // namespace kwikgate::store
