#include "store/open_mark.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "store/lmdb_error.hpp"

namespace kwikgate::store {

Result<OpenMark> OpenMark::take(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return to_errc(errno);
    const Key key{::getpid(), status.st_dev, status.st_ino};
    const std::lock_guard lock(mutex());
    if (std::find(keys().begin(), keys().end(), key) != keys().end()) return Errc::already_open;
    keys().push_back(key);
    return OpenMark(key);
}

OpenMark::OpenMark(OpenMark&& other) noexcept
    : key_(other.key_), is_held_(std::exchange(other.is_held_, false)) {}

OpenMark::~OpenMark() {
    if (!is_held_) return;
    const std::lock_guard lock(mutex());
    std::erase(keys(), key_);
}

std::mutex& OpenMark::mutex() {
    static std::mutex instance;
    return instance;
}

std::vector<OpenMark::Key>& OpenMark::keys() {
    static std::vector<Key> instance;
    return instance;
}

}  // namespace kwikgate::store
