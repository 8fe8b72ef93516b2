#include "auth/replay_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>

#include "auth/signature/sha2.hpp"
#include "store/file_descriptor.hpp"

namespace kwikgate::auth {
namespace {

using LoadOutcome = ReplayGuard::LoadOutcome;

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "KWREPLAY";
constexpr std::uint32_t kVersion = 3;
constexpr std::uint32_t kVersionWithoutLife = 2;
constexpr std::size_t kCommonBytes = 8 + 4 + 4 + 16 + 8 + 8 + 8;
constexpr std::size_t kLifeBytes = std::tuple_size_v<ReplayLife>;
constexpr std::size_t kHeaderBytes = kCommonBytes + kLifeBytes;
constexpr std::size_t kEntryBytes = 16 + 8 + 4;
constexpr std::size_t kEntryBytesWithoutOwner = 16 + 8;
constexpr std::size_t kChecksumBytes = Sha256::kSize;

template <class Number>
void put(std::string& out, Number value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

template <class Number>
Number take(std::string_view bytes, std::size_t at) {
    Number value{};
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

std::array<std::uint8_t, kChecksumBytes> checksum_of(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    std::array<std::uint8_t, kChecksumBytes> sum;
    hash.finish(sum);
    return sum;
}

bool read_whole(int fd, std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const ssize_t count = ::read(fd, bytes.data() + at, bytes.size() - at);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        at += static_cast<std::size_t>(count);
    }
    return true;
}

}  // namespace

std::string encode_replay_file(const ReplayFileContent& content) {
    std::string bytes;
    bytes.reserve(kHeaderBytes + content.entries.size() * kEntryBytes + kChecksumBytes);
    bytes += kMagic;
    put(bytes, kVersion);
    put(bytes, std::uint32_t{0});
    bytes.append(reinterpret_cast<const char*>(content.key.data()), content.key.size());
    put(bytes, std::int64_t{content.saved_at.time_since_epoch().count()});
    put(bytes, std::int64_t{content.distrusted_until.time_since_epoch().count()});
    put(bytes, std::uint64_t{content.entries.size()});
    const ReplayLife life = content.life.value_or(ReplayLife{});
    bytes.append(reinterpret_cast<const char*>(life.data()), life.size());
    for (const ReplayEntry& entry : content.entries) {
        put(bytes, entry.identity.low);
        put(bytes, entry.identity.high);
        put(bytes, std::int64_t{entry.valid_until.time_since_epoch().count()});
        put(bytes, static_cast<std::uint32_t>(entry.owner));
    }
    const auto sum = checksum_of(bytes);
    bytes.append(reinterpret_cast<const char*>(sum.data()), sum.size());
    return bytes;
}

LoadOutcome decode_replay_file(std::string_view bytes, std::size_t max_entries,
                               ReplayFileContent& out) {
    if (bytes.size() < kCommonBytes + kChecksumBytes || !bytes.starts_with(kMagic))
        return LoadOutcome::damaged;
    const auto version = take<std::uint32_t>(bytes, 8);
    const bool is_current = version == kVersion;
    if (!is_current && version != kVersionWithoutLife) return LoadOutcome::damaged;
    const std::size_t header = is_current ? kHeaderBytes : kCommonBytes;
    if (bytes.size() < header + kChecksumBytes) return LoadOutcome::damaged;
    const std::size_t checked = bytes.size() - kChecksumBytes;
    const auto sum = checksum_of(bytes.substr(0, checked));
    if (std::memcmp(sum.data(), bytes.data() + checked, sum.size()) != 0)
        return LoadOutcome::damaged;
    const auto count = take<std::uint64_t>(bytes, kCommonBytes - 8);
    const std::size_t entry_bytes = is_current ? kEntryBytes : kEntryBytesWithoutOwner;
    const std::size_t room = (checked - header) / entry_bytes;
    if (count != room || header + room * entry_bytes != checked) return LoadOutcome::damaged;
    if (room > max_entries) return LoadOutcome::too_many;
    std::memcpy(out.key.data(), bytes.data() + 16, out.key.size());
    ReplayLife life{};
    if (is_current) std::memcpy(life.data(), bytes.data() + kCommonBytes, kLifeBytes);
    out.life = life == ReplayLife{} ? std::nullopt : std::optional(life);
    out.saved_at = Timestamp(std::chrono::milliseconds(take<std::int64_t>(bytes, 32)));
    out.distrusted_until = Timestamp(std::chrono::milliseconds(take<std::int64_t>(bytes, 40)));
    out.entries.resize(room);
    for (std::size_t i = 0; i < room; ++i) {
        const std::size_t at = header + i * entry_bytes;
        out.entries[i].identity = {take<std::uint64_t>(bytes, at),
                                   take<std::uint64_t>(bytes, at + 8)};
        out.entries[i].valid_until =
            Timestamp(std::chrono::milliseconds(take<std::int64_t>(bytes, at + 16)));
        const auto owner = is_current ? take<std::uint32_t>(bytes, at + 24) : 0;
        out.entries[i].owner = static_cast<store::TokenNumber>(owner);
    }
    return LoadOutcome::loaded;
}

boost::system::error_code write_replay_file(const std::filesystem::path& file,
                                            const ReplayFileContent& content) {
    const std::string bytes = encode_replay_file(content);
    const std::string temporary = file.string() + ".new";
    ::unlink(temporary.c_str());  // Left by a process that died while saving.
    boost::system::error_code error;
    {
        const store::FileDescriptor fd(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd.is_open()) return store::last_error();
        if (!store::write_all(fd.get(), bytes) || ::fsync(fd.get()) != 0)
            error = store::last_error();
    }
    if (!error && ::rename(temporary.c_str(), file.c_str()) != 0) error = store::last_error();
    if (error) {
        ::unlink(temporary.c_str());
        return error;
    }
    return store::sync_directory(file.parent_path());
}

LoadOutcome read_replay_file(const std::filesystem::path& file, std::size_t max_entries,
                             ReplayFileContent& out) {
    // O_NONBLOCK, so that a pipe put there cannot hold up the start.
    const store::FileDescriptor fd(
        ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!fd.is_open()) return errno == ENOENT ? LoadOutcome::absent : LoadOutcome::unreadable;
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0) return LoadOutcome::unreadable;
    if (!S_ISREG(info.st_mode)) return LoadOutcome::damaged;
    if (info.st_uid != ::geteuid() || (info.st_mode & 077) != 0) return LoadOutcome::permissions;
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size > kHeaderBytes + max_entries * kEntryBytes + kChecksumBytes)
        return LoadOutcome::too_many;
    std::string bytes(size, '\0');
    if (!read_whole(fd.get(), bytes)) return LoadOutcome::unreadable;
    return decode_replay_file(bytes, max_entries, out);
}

bool remove_replay_file(const std::filesystem::path& file) {
    return ::unlink(file.c_str()) == 0 && !store::sync_directory(file.parent_path());
}

}  // namespace kwikgate::auth
