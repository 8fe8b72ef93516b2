#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "store/store.hpp"

namespace kwikgate::store {

inline constexpr std::size_t kMaxAuditWordBytes = 255;  ///< Actor, action, token id.
inline constexpr std::size_t kMaxAuditStateBytes =
    std::size_t{256} * 1024;  ///< `before` and `after`.

/// Encodes all but the sequence number, which is the key. **Errors**: `invalid_argument`.
Result<std::vector<std::byte>> encode_audit(const AuditEntry& entry);
/// Total: any bytes give an entry, `corrupt_record` or `newer_format`.
Result<AuditEntry> decode_audit(std::uint64_t sequence, std::span<const std::byte> bytes);

/// **Errors**: `invalid_argument` for an empty or long id, a long name, an unknown role.
Result<std::vector<std::byte>> encode_admin_key(const AdminKeyRecord& key);
/// Total: any bytes give a key, `corrupt_record` or `newer_format`.
Result<AdminKeyRecord> decode_admin_key(std::span<const std::byte> bytes);

}  // namespace kwikgate::store
