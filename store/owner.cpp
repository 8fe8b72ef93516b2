#include "store/owner.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "store/files.hpp"
#include "store/lmdb_error.hpp"

namespace kwikgate::store {

Result<AsOwner> AsOwner::of(const std::filesystem::path& directory) {
    AsOwner self;
    self.directory_ = directory;
    if (::geteuid() != 0) return self;
    self.descriptor_ = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat owner {};
    if (self.descriptor_ < 0 || ::fstat(self.descriptor_, &owner) != 0) return to_errc(errno);
    self.pin(self.descriptor_);
    struct stat data {};
    // A directory of root's that others may write in: the store's files tell whose it is.
    if (owner.st_uid == 0 && ::lstat((self.directory_ / kDataFile).c_str(), &data) == 0 &&
        S_ISREG(data.st_mode))
        owner = data;
    if (const auto done = self.become(owner.st_uid, owner.st_gid); !done) return done.error();
    return self;
}

Result<AsOwner> AsOwner::of_nearest(const std::filesystem::path& path) {
    AsOwner self;
    if (::geteuid() != 0) return self;
    std::error_code error;
    std::filesystem::path nearest = std::filesystem::absolute(path, error);
    if (error) return to_errc(error.value());
    struct stat owner {};
    while (::stat(nearest.c_str(), &owner) != 0) {
        if (errno != ENOENT || !nearest.has_relative_path()) return to_errc(errno);
        nearest = nearest.parent_path();
    }
    if (const auto done = self.become(owner.st_uid, owner.st_gid); !done) return done.error();
    return self;
}

void AsOwner::pin(int descriptor) {
    const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
    struct stat there {};
    struct stat open_directory {};
    // Where /proc is not mounted its name has to do.
    if (::stat(path.c_str(), &there) == 0 && ::fstat(descriptor, &open_directory) == 0 &&
        there.st_dev == open_directory.st_dev && there.st_ino == open_directory.st_ino)
        directory_ = path;
}

Result<void> AsOwner::become(uid_t user, gid_t group) {
    if (user == 0) return {};
    const int count = ::getgroups(0, nullptr);
    if (count < 0) return Errc::cannot_become_owner;
    groups_.resize(static_cast<std::size_t>(count));
    if (::getgroups(count, groups_.data()) != count) return Errc::cannot_become_owner;
    group_ = ::getegid();
    // From here on the destructor undoes what was done, also half of it.
    is_switched_ = true;
    if (::setgroups(1, &group) != 0 || ::setegid(group) != 0 || ::seteuid(user) != 0)
        return Errc::cannot_become_owner;
    return {};
}

AsOwner::~AsOwner() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!is_switched_) return;
    if (::seteuid(0) != 0 || ::setegid(group_) != 0 ||
        (::setgroups(groups_.size(), groups_.data()) != 0 && errno != EPERM))
        std::abort();
}

Result<void> check_own_files(const std::filesystem::path& directory) {
    struct stat where {};
    const bool is_strict = ::getuid() == 0 && ::stat(directory.c_str(), &where) == 0 &&
                           (where.st_uid != 0 || (where.st_mode & (S_IWGRP | S_IWOTH)) != 0);
    for (const char* const name : {kDataFile, kLockFile, kHoldFile, kServeFile}) {
        struct stat status {};
        if (::lstat((directory / name).c_str(), &status) != 0)
            continue;  // Told where it is opened.
        if (!S_ISREG(status.st_mode)) return Errc::foreign_file;
        if (is_strict && (status.st_uid != ::geteuid() || status.st_nlink != 1))
            return Errc::foreign_file;
    }
    return {};
}

}  // namespace kwikgate::store
