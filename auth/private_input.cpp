#include "auth/private_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "store/file_descriptor.hpp"

namespace kwikgate::auth {
namespace {

/// Fills `out` and asks for one byte more, to see the end; -1 on failure.
ssize_t read_all(int fd, std::span<std::uint8_t> out) {
    std::size_t done = 0;
    for (;;) {
        std::uint8_t beyond = 0;
        const bool is_full = done == out.size();
        const ssize_t n =
            is_full ? ::read(fd, &beyond, 1) : ::read(fd, out.data() + done, out.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        done += static_cast<std::size_t>(n);
        if (n == 0 || is_full) return static_cast<ssize_t>(done);
    }
}

/// systemd gives a service its credentials by an access list, which shows as a readable group; the
/// directory around them is closed to everybody else.
bool is_systemd_credential(const std::filesystem::path& file) {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    return directory != nullptr && *directory == '/' && file.parent_path() == directory;
}

bool is_private(const struct stat& status, const std::filesystem::path& file) {
    const mode_t readable_group = is_systemd_credential(file) ? S_IRGRP : 0;
    return S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO) & ~readable_group) == 0;
}

PrivateInput read_open_file(int fd, const std::filesystem::path& file, std::span<std::uint8_t> out,
                            std::size_t& size) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return PrivateInput::unreadable;
    if (!is_private(status, file)) return PrivateInput::not_private;
    const ssize_t bytes = read_all(fd, out);
    if (bytes < 0) return PrivateInput::unreadable;
    if (static_cast<std::size_t>(bytes) > out.size()) return PrivateInput::too_long;
    size = static_cast<std::size_t>(bytes);
    return PrivateInput::read;
}

}  // namespace

PrivateInput read_private_file(const std::filesystem::path& file, std::span<std::uint8_t> out,
                               std::size_t& size) {
    // Not blocking, so that a FIFO in place of the file is refused and not waited for.
    const store::FileDescriptor fd(
        ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    return fd.is_open() ? read_open_file(fd.get(), file, out, size) : PrivateInput::unreadable;
}

std::string problem_of(PrivateInput outcome, std::size_t most_bytes) {
    switch (outcome) {
        case PrivateInput::read:
            break;
        case PrivateInput::unreadable:
            return "cannot be read";
        case PrivateInput::not_private:
            return "must be a regular file that only its owner may read (0600)";
        case PrivateInput::too_long:
            return "is longer than " + std::to_string(most_bytes / 1024) + " KiB";
    }
    return {};
}

}  // namespace kwikgate::auth
