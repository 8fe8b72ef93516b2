#include "gateway/cli/private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/file_descriptor.hpp"

namespace kwikgate::gateway::cli {
namespace {

Failure cannot(std::string_view what, const std::filesystem::path& path, int error) {
    return failed("cannot " + std::string(what) + " " + path.string() + ": " +
                  std::strerror(error));
}

}  // namespace

CliResult<PrivateFile> PrivateFile::create(std::filesystem::path path) {
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor >= 0) return PrivateFile(std::move(path), descriptor);
    if (errno == EEXIST) {
        return failed(path.string() + " exists already; name a new file");
    }
    return cannot("create", path, errno);
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      unfinished_(std::move(other.unfinished_)) {}

PrivateFile::~PrivateFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(path_.c_str());
}

CliResult<void> PrivateFile::write(std::string_view text) {
    if (!store::write_all(descriptor_, text)) return cannot("write", path_, errno);
    return {};
}

CliResult<void> PrivateFile::sync() {
    if (::fsync(descriptor_) != 0 && errno != EINVAL) return cannot("write", path_, errno);
    if (const auto error = store::sync_directory(path_.parent_path()))
        return failed("cannot sync the directory of " + path_.string(), error);
    return {};
}

void PrivateFile::keep() {
    unfinished_.reset();
    ::close(std::exchange(descriptor_, -1));
}

CliResult<void> PrivateFile::finish() {
    auto synced = sync();
    if (synced.has_value()) keep();
    return synced;
}

}  // namespace kwikgate::gateway::cli
