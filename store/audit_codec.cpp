#include "store/audit_codec.hpp"

#include "store/bytes.hpp"

namespace kwikgate::store {
namespace {

constexpr std::uint8_t kVersion = 1;

void write_word(ByteWriter& out, std::string_view word) {
    out.u8(static_cast<std::uint8_t>(word.size()));
    out.text(word);
}

void write_state(ByteWriter& out, std::string_view state) {
    out.u32(static_cast<std::uint32_t>(state.size()));
    out.text(state);
}

/// What is not written is not read either.
bool is_within_limits(const AuditEntry& entry) {
    return entry.actor.size() <= kMaxAuditWordBytes && !entry.action.empty() &&
           entry.action.size() <= kMaxAuditWordBytes &&
           entry.token_id.size() <= kMaxAuditWordBytes &&
           entry.before.size() <= kMaxAuditStateBytes && entry.after.size() <= kMaxAuditStateBytes;
}

bool is_within_limits(const AdminKeyRecord& key) {
    return !key.id.empty() && key.id.size() <= 64 && key.name.size() <= 255 &&
           (key.role == "viewer" || key.role == "admin");
}

}  // namespace

Result<std::vector<std::byte>> encode_audit(const AuditEntry& entry) {
    if (!is_within_limits(entry)) return Errc::invalid_argument;
    ByteWriter out;
    out.u8(kVersion);
    out.time(entry.at);
    write_word(out, entry.actor);
    write_word(out, entry.action);
    write_word(out, entry.token_id);
    write_state(out, entry.before);
    write_state(out, entry.after);
    return out.take();
}

Result<AuditEntry> decode_audit(std::uint64_t sequence, std::span<const std::byte> bytes) {
    ByteReader in(bytes);
    if (const auto known = read_version(in, kVersion); !known) return known.error();
    AuditEntry entry;
    entry.sequence = sequence;
    entry.at = in.time();
    entry.actor = in.text(in.u8());
    entry.action = in.text(in.u8());
    entry.token_id = in.text(in.u8());
    entry.before = in.text(in.u32());
    entry.after = in.text(in.u32());
    if (in.failed() || !is_within_limits(entry)) return Errc::corrupt_record;
    return entry;
}

Result<std::vector<std::byte>> encode_admin_key(const AdminKeyRecord& key) {
    if (!is_within_limits(key)) return Errc::invalid_argument;
    ByteWriter out;
    out.u8(kVersion);
    out.time(key.created_at);
    out.raw(key.key_sha256);
    write_word(out, key.id);
    write_word(out, key.name);
    write_word(out, key.role);
    return out.take();
}

Result<AdminKeyRecord> decode_admin_key(std::span<const std::byte> bytes) {
    ByteReader in(bytes);
    if (const auto known = read_version(in, kVersion); !known) return known.error();
    AdminKeyRecord key;
    key.created_at = in.time();
    in.copy(key.key_sha256);
    key.id = in.text(in.u8());
    key.name = in.text(in.u8());
    key.role = in.text(in.u8());
    if (in.failed() || !is_within_limits(key)) return Errc::corrupt_record;
    return key;
}

}  // namespace kwikgate::store
