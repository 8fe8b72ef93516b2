#pragma once

#include <string>

#include "store/store.hpp"

namespace kwikgate::store {

inline Timestamp at_ms(std::int64_t ms) {
    return Timestamp(std::chrono::milliseconds(ms));
}

/// `prefix` and `index`, padded with zeros to `width` characters behind the prefix.
inline std::string numbered(const std::string& prefix, unsigned index, std::size_t width = 22) {
    const std::string digits = std::to_string(index);
    return prefix + std::string(width - digits.size(), '0') + digits;
}

inline std::string sample_id(unsigned index) {
    return numbered("tok_", index);
}
inline std::string sample_key(unsigned index) {
    return numbered("kwk_live_ak_", index);
}
inline std::string sample_public_key(unsigned index) {
    return numbered("kwk_live_pk_", index);
}

/// The least that is a token: distinct for each index, ids in the order of the index.
inline TokenRecord sample_token(unsigned index) {
    TokenRecord record;
    record.id = sample_id(index);
    record.name = "Token " + std::to_string(index);
    record.api_key = sample_key(index);
    record.public_key = sample_public_key(index);
    record.created_at = at_ms(1'700'000'000'000 + index);
    record.updated_at = record.created_at;
    record.secret.created_at = record.created_at;
    record.secret.sealed_key.fill(static_cast<std::uint8_t>(index));
    return record;
}

/// A token that uses every field.
inline TokenRecord full_token() {
    TokenRecord record = sample_token(7);
    record.number = static_cast<TokenNumber>(4711);
    record.name = "Zahlungen \xc3\xbc\xf0\x9f\x98\x80";
    record.updated_at = at_ms(1'800'000'000'123);
    record.version = 42;
    record.status = TokenStatus::disabled;
    record.environment = Environment::test;
    record.readable.add(static_cast<SectionId>(0));
    record.readable.add(static_cast<SectionId>(63));
    record.readable.add(static_cast<SectionId>(127));
    record.writable.add(static_cast<SectionId>(64));
    record.account = "acc-77";
    record.expires_at = at_ms(1'900'000'000'000);
    IpRange range;
    range.address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 0};
    range.prefix_bits = 120;
    record.allowed_ips = {range, IpRange{}};
    record.allowed_origins = {"https://shop.example", "https://pay.example:8443"};
    record.rate = RateLimit{250, 40};
    record.max_concurrent = 12;
    record.require_signature = true;
    record.require_form_signature = true;
    record.debug = true;
    record.secret.generation = 3;
    record.secret.valid_until = at_ms(-5);
    record.previous_secret = record.secret;
    record.previous_secret->generation = 2;
    record.previous_secret->sealed_key.fill(0xa5);
    record.previous_secret->valid_until = at_ms(1'850'000'000'000);
    record.imported_at = at_ms(1'790'000'000'456);
    return record;
}

inline AuditEntry sample_audit(const std::string& token_id, const std::string& action) {
    AuditEntry entry;
    entry.at = at_ms(1'700'000'000'000);
    entry.actor = "cli:test";
    entry.action = action;
    entry.token_id = token_id;
    entry.after = "{\"name\":\"x\"}";
    return entry;
}

/// Small enough to be quick under a sanitizer.
inline StoreOptions small_store() {
    StoreOptions options;
    options.map_bytes = std::size_t{16} << 20;
    options.max_readers = 32;
    return options;
}

/// Inserts tokens `first` to `last` in one transaction.
inline Result<void> insert_samples(Store& store, unsigned first, unsigned last) {
    return store.write([&](Write& write) -> Result<void> {
        for (unsigned i = first; i <= last; ++i) {
            TokenRecord record = sample_token(i);
            if (const auto r = write.insert_token(record); !r) return r;
        }
        return {};
    });
}

}  // namespace kwikgate::store
