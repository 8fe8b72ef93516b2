#include "store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "store/file_descriptor.hpp"
#include "store/lmdb_error.hpp"

namespace kwikgate::store {
namespace {

constexpr std::uint64_t kNoPage = UINT64_MAX;

/// The part of an LMDB meta page that tells where its trees begin, as LMDB 0.9 lays it out on
/// 64-bit machines.
struct MetaPage {
    struct Tree {
        std::uint32_t page_bytes;  // In the first tree only.
        std::uint16_t flags, depth;
        std::uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
    };
    std::uint64_t page_header[2];
    std::uint32_t magic, version;
    std::uint64_t address, map_bytes;
    Tree free_pages, main;
    std::uint64_t last_page, transaction;
};
static_assert(sizeof(MetaPage) == 152);

bool read_meta(int fd, off_t offset, MetaPage& out) {
    return ::pread(fd, &out, sizeof out, offset) == static_cast<ssize_t>(sizeof out) &&
           out.magic == 0xBEEFC0DE;
}

/// The page of the newest transaction. False for what is no LMDB file.
bool read_newest_meta(int fd, MetaPage& newest, std::uint64_t& page_bytes) {
    MetaPage other{};
    if (!read_meta(fd, 0, newest)) return false;
    page_bytes = newest.free_pages.page_bytes;
    if (page_bytes < 256 || page_bytes > 65536) return false;
    if (read_meta(fd, static_cast<off_t>(page_bytes), other) &&
        other.transaction > newest.transaction)
        newest = other;
    return true;
}

/// Whether the newest trees of the file begin within it. What is no LMDB file is left to LMDB.
bool holds_its_roots(int fd) {
    MetaPage newest{};
    std::uint64_t page = 0;
    struct stat status {};
    if (!read_newest_meta(fd, newest, page) || ::fstat(fd, &status) != 0) return true;
    const std::uint64_t pages = static_cast<std::uint64_t>(status.st_size) / page;
    for (const std::uint64_t root : {newest.free_pages.root, newest.main.root})
        if (root != kNoPage && root >= pages) return false;
    return pages >= 2;
}

}  // namespace

MapSizes map_sizes(int fd) {
    MetaPage newest{};
    std::uint64_t page = 0;
    if (!read_newest_meta(fd, newest, page)) return {};
    return {newest.map_bytes, (newest.last_page + 1) * page};
}

bool is_present(const std::filesystem::path& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

Result<void> make_directory(const std::filesystem::path& directory) {
    std::error_code error;
    const auto parent = std::filesystem::absolute(directory, error).parent_path();
    if (!error) std::filesystem::create_directories(parent, error);
    if (error) return to_errc(error.value());
    if (::mkdir(directory.c_str(), 0700) == 0) {
        if (const auto failed = sync_directory(parent)) return to_errc(failed.value());
        return {};
    }
    if (errno != EEXIST) return to_errc(errno);
    if (!std::filesystem::is_directory(directory, error)) return Errc::not_a_store;
    return {};
}

Result<std::filesystem::path> make_staging_directory(const std::filesystem::path& directory) {
    std::string name = (directory / ".new-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return to_errc(errno);
    return std::filesystem::path(name);
}

Result<void> move_into_place(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::link(from.c_str(), to.c_str()) == 0) {
        ::unlink(from.c_str());
        return {};
    }
    if (errno == EEXIST) return Errc::store_exists;
    // Some file systems have no links; there a plain rename has to do.
    if (is_present(to)) return Errc::store_exists;
    if (::rename(from.c_str(), to.c_str()) != 0) return to_errc(errno);
    return {};
}

Result<void> must_be_data_file(const std::filesystem::path& file) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return Errc::not_a_store;
        return to_errc(errno);
    }
    if (S_ISLNK(status.st_mode)) return Errc::foreign_file;
    if (!S_ISREG(status.st_mode) || status.st_size == 0) return Errc::not_a_store;
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.is_open()) return to_errc(errno);
    if (!holds_its_roots(fd.get())) return Errc::corrupt_record;
    return {};
}

bool lacks_space(const std::filesystem::path& directory) {
    struct stat status {};
    if (::stat((directory / kDataFile).c_str(), &status) != 0) return false;
    // A nameless file is asked to grow where the store would: nothing of ours is touched.
    const FileDescriptor fd(::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (!fd.is_open()) return errno == ENOSPC || errno == EDQUOT;
    const bool fails = ::fallocate(fd.get(), 0, status.st_size, 1024 * 1024) != 0;
    return fails && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG);
}

}  // namespace kwikgate::store
