#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/principal.hpp"

namespace kwikgate::gateway::http {

/// Random numbers for request, trace and span ids: unique, not secret (xoshiro256**). **Threads**:
/// one a worker.
/// **Cost**: a few instructions; the constructor makes a system call.
class IdSource {
  public:
    /// Seeds from the kernel. **Errors**: throws std::system_error when it has no random bytes.
    IdSource();
    /// For tests.
    explicit IdSource(const std::array<std::uint64_t, 4>& seed);
    std::uint64_t next();

  private:
    std::array<std::uint64_t, 4> state_{};
};

/// Writes `value` as 16 lower-case hex digits.
void write_hex(std::uint64_t value, char* out);

inline constexpr std::size_t kMaxRequestIdBytes = 64;
using RequestId = auth::InlineString<kMaxRequestIdBytes>;

/// 1-64 characters of [A-Za-z0-9._-] that hold no credential of ours: ids are logged.
bool is_acceptable_request_id(std::string_view id);

/// The client's id where it sent an acceptable one, else 128 random bits as 32 hex digits. No
/// allocation.
void assign_request_id(std::string_view from_client, IdSource& source, RequestId& id);

}  // namespace kwikgate::gateway::http
