#include "store/serve_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "store/file_descriptor.hpp"
#include "store/files.hpp"
#include "store/lmdb_error.hpp"
#include "store/owner.hpp"

// The file is one record of a fixed size, written in its place: a full disk can hold up the first
// one only. "life HEX\nprocess PID\nhost NAME\n" and spaces.
namespace kwikgate::store {
namespace {

constexpr std::size_t kRecordBytes = 256;
constexpr std::size_t kMaxHostBytes = 128;
constexpr std::string_view kDigits = "0123456789abcdef";

std::string to_hex(const ServeLock::Life& life) {
    std::string text;
    for (const std::uint8_t byte : life) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

std::optional<ServeLock::Life> parse_life(std::string_view text) {
    ServeLock::Life life{};
    if (text.size() != 2 * life.size()) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t digit = kDigits.find(text[i]);
        if (digit == std::string_view::npos) return std::nullopt;
        life[i / 2] = static_cast<std::uint8_t>(life[i / 2] * 16U + digit);
    }
    return life;
}

/// It may come from another machine: nothing in it may move a cursor.
std::string printable(std::string_view text) {
    std::string out(text.substr(0, kMaxHostBytes));
    for (char& c : out)
        if (c < '!' || c > '~') c = '?';
    return out;
}

std::string host_name() {
    std::array<char, kMaxHostBytes + 1> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "?";
    return printable(name.data());
}

std::string read_record(int descriptor) {
    std::string record(kRecordBytes, '\0');
    const ssize_t size = ::pread(descriptor, record.data(), record.size(), 0);
    record.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return record;
}

/// What stands behind `name` on a line of its own; empty when there is no such line.
std::string_view value_of(std::string_view record, std::string_view name) {
    while (!record.empty()) {
        const std::size_t end = std::min(record.find('\n'), record.size());
        const std::string_view line = record.substr(0, end);
        if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ')
            return line.substr(name.size() + 1);
        record.remove_prefix(std::min(end + 1, record.size()));
    }
    return {};
}

int open_file(const std::filesystem::path& file, int flags) {
    // Not blocking, so that a pipe put there is refused and not waited for.
    return ::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

bool is_regular(int descriptor) {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Result<ServeLock> ServeLock::try_take(const std::filesystem::path& directory) {
    const auto as_owner = AsOwner::of(directory);
    if (!as_owner) return as_owner.error();
    const auto& place = as_owner->directory();
    if (const auto own = check_own_files(place); !own) return own.error();
    for (;;) {
        ServeLock lock(directory / kServeFile, open_file(place / kServeFile, O_RDWR | O_CREAT));
        if (lock.descriptor_ < 0) return to_errc(errno);
        if (!is_regular(lock.descriptor_)) return Errc::foreign_file;
        while (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) return Errc::in_use;
            if (errno != EINTR) return to_errc(errno);
        }
        // Somebody removed it between the two calls: the next one would lock another file.
        if (!lock.is_in_place()) continue;
        lock.life_ = parse_life(value_of(read_record(lock.descriptor_), "life"));
        // On a full disk nobody learns who has it; it is ours all the same.
        static_cast<void>(lock.write_record());
        return lock;
    }
}

std::string ServeLock::holder(const std::filesystem::path& directory) {
    const FileDescriptor fd(open_file(directory / kServeFile, O_RDONLY));
    const std::string record = fd.is_open() ? read_record(fd.get()) : std::string();
    const std::string process = printable(value_of(record, "process"));
    const std::string host = printable(value_of(record, "host"));
    if (process.empty() || host.empty()) return "another process";
    return "process " + process + " on host " + host;
}

Result<void> ServeLock::write_record() const {
    std::string record = "life " + (life_ ? to_hex(*life_) : std::string("unknown")) +
                         "\nprocess " + std::to_string(::getpid()) + "\nhost " + host_name() + "\n";
    record.resize(kRecordBytes - 1, ' ');
    record += '\n';
    const ssize_t size = ::pwrite(descriptor_, record.data(), record.size(), 0);
    if (size != static_cast<ssize_t>(record.size()))
        return size < 0 ? to_errc(errno) : Errc::disk_full;
    return {};
}

Result<void> ServeLock::begin_life() {
    Life life{};
    const bool is_drawn =
        ::getrandom(life.data(), life.size(), 0) == static_cast<ssize_t>(life.size());
    life_.reset();
    if (!is_drawn) return Errc::io_error;
    life_ = life;
    auto written = write_record();
    if (written && ::fdatasync(descriptor_) != 0) written = to_errc(errno);
    if (!written) life_.reset();
    return written;
}

bool ServeLock::is_in_place() const {
    struct stat open_file {};
    struct stat there {};
    return ::fstat(descriptor_, &open_file) == 0 && ::lstat(file_.c_str(), &there) == 0 &&
           open_file.st_dev == there.st_dev && open_file.st_ino == there.st_ino;
}

bool ServeLock::is_ours() const {
    return descriptor_ >= 0 && is_in_place() && life_ &&
           parse_life(value_of(read_record(descriptor_), "life")) == life_;
}

void ServeLock::release() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

}  // namespace kwikgate::store
