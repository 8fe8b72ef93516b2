#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace kwikgate::auth {

enum class PrivateInput : std::uint8_t {
    read,
    unreadable,   ///< There is none, or the system refuses.
    not_private,  ///< Not a regular file, or one that others than its owner may read or write.
    too_long,
};

/// Reads a file that holds a secret: a regular file of mode 0600 (or 0400), or a credential that
/// systemd hands to the service. Never waits: a FIFO in place of the file is refused. `size` is how
/// much of `out` was filled.
PrivateInput read_private_file(const std::filesystem::path& file, std::span<std::uint8_t> out,
                               std::size_t& size);

/// Why it was not read, as a clause about a file of at most `most_bytes`, whole KiB; empty for
/// `read`.
std::string problem_of(PrivateInput outcome, std::size_t most_bytes);

}  // namespace kwikgate::auth
