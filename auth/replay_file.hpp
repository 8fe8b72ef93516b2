#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/error_code.hpp>

#include "auth/replay_guard.hpp"
#include "auth/replay_shard.hpp"
#include "auth/siphash.hpp"

/// The replay table between two lives of the process. All numbers little endian:
///
///     8 bytes "KWREPLAY", u32 version 3, u32 zero, 16 bytes hash key, i64 saved at (ms), i64
///     distrusted until (ms), u64 count, 16 bytes life (zeros: not known), count x { 16 bytes
///     identity, i64 valid until (ms), u32 token number }, 32 bytes SHA-256 of all before
///
/// Version 2, which is read as well, has no life and no token numbers: its entries count for no
/// token.
namespace kwikgate::auth {

struct ReplayFileContent {
    std::optional<ReplayLife> life;  ///< Whose nonces these are. Empty: not known.
    SipKey key{};
    Timestamp saved_at{};
    Timestamp distrusted_until{};  ///< Of what was created by then, the entries may lack some.
    std::vector<ReplayEntry> entries;
};

/// The bytes of a file, and back. `decode` is total: any bytes give a content of at most
/// `max_entries`, `damaged` or `too_many`.
std::string encode_replay_file(const ReplayFileContent& content);
ReplayGuard::LoadOutcome decode_replay_file(std::string_view bytes, std::size_t max_entries,
                                            ReplayFileContent& out);

/// Replaces `file` at once and durably: temporary file beside it, fsync, rename, fsync of the
/// directory. 0600.
boost::system::error_code write_replay_file(const std::filesystem::path& file,
                                            const ReplayFileContent& content);

/// Refuses a file that others may read or write, that is not whole, or that holds more than
/// `max_entries`.
ReplayGuard::LoadOutcome read_replay_file(const std::filesystem::path& file,
                                          std::size_t max_entries, ReplayFileContent& out);

/// Removes the file durably. False when that failed.
bool remove_replay_file(const std::filesystem::path& file);

}  // namespace kwikgate::auth
