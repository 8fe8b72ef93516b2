#include "store/hold.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "store/files.hpp"
#include "store/lmdb_error.hpp"

namespace kwikgate::store {

Result<Hold> Hold::share(const std::filesystem::path& directory) {
    return take(directory, LOCK_SH);
}

Result<Hold> Hold::take_alone(const std::filesystem::path& directory) {
    return take(directory, LOCK_EX);
}

Result<Hold> Hold::take(const std::filesystem::path& directory, int operation) {
    // Not LMDB's own lock file: closing any descriptor of that would drop LMDB's locks.
    const auto file = directory / kHoldFile;
    Hold hold(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (hold.descriptor_ < 0) return to_errc(errno);
    while (::flock(hold.descriptor_, operation | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return Errc::in_use;
        if (errno != EINTR) return to_errc(errno);
    }
    return hold;
}

Hold::~Hold() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace kwikgate::store
