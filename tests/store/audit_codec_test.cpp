#include "store/audit_codec.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/store/mutation.hpp"
#include "tests/store/sample_token.hpp"

namespace kwikgate::store {
namespace {

AuditEntry full_entry() {
    AuditEntry entry = sample_audit("tok_1", "token.update");
    entry.before = "{\"status\":\"live\"}";
    return entry;
}

AdminKeyRecord full_key() {
    AdminKeyRecord key;
    key.id = "adm_1";
    key.name = "Console";
    key.role = "admin";
    key.key_sha256.fill(0x5a);
    key.created_at = at_ms(1'700'000'000'000);
    return key;
}

TEST(AuditCodec, GivesBackEveryField) {
    const AuditEntry entry = full_entry();
    const AuditEntry again = decode_audit(9, encode_audit(entry).value()).value();
    EXPECT_EQ(again.sequence, 9U);
    EXPECT_EQ(again.at, entry.at);
    EXPECT_EQ(again.actor, entry.actor);
    EXPECT_EQ(again.action, entry.action);
    EXPECT_EQ(again.token_id, entry.token_id);
    EXPECT_EQ(again.before, entry.before);
    EXPECT_EQ(again.after, entry.after);
}

TEST(AuditCodec, RefusesWhatBreaksTheLimits) {
    const std::function<void(AuditEntry&)> cases[] = {
        [](AuditEntry& e) { e.actor.assign(kMaxAuditWordBytes + 1, 'a'); },
        [](AuditEntry& e) { e.action.clear(); },
        [](AuditEntry& e) { e.action.assign(kMaxAuditWordBytes + 1, 'a'); },
        [](AuditEntry& e) { e.token_id.assign(kMaxAuditWordBytes + 1, 'a'); },
        [](AuditEntry& e) { e.before.assign(kMaxAuditStateBytes + 1, 'a'); },
        [](AuditEntry& e) { e.after.assign(kMaxAuditStateBytes + 1, 'a'); },
    };
    for (const auto& damage : cases) {
        AuditEntry entry = full_entry();
        damage(entry);
        EXPECT_EQ(encode_audit(entry).error(), Errc::invalid_argument);
    }
}

TEST(AuditCodec, SurvivesTruncationAndDamage) {
    const auto bytes = encode_audit(full_entry()).value();
    for_each_truncation(bytes, [](std::span<const std::byte> cut) {
        EXPECT_EQ(decode_audit(1, cut).error(), Errc::corrupt_record) << cut.size();
    });
    for_each_mutation(bytes, 20'000, [](std::span<const std::byte> damaged) {
        const auto entry = decode_audit(1, damaged);
        if (entry) {
            EXPECT_TRUE(encode_audit(*entry));
        }
    });
}

TEST(AdminKeyCodec, GivesBackEveryField) {
    const AdminKeyRecord key = full_key();
    const AdminKeyRecord again = decode_admin_key(encode_admin_key(key).value()).value();
    EXPECT_EQ(again.id, key.id);
    EXPECT_EQ(again.name, key.name);
    EXPECT_EQ(again.role, key.role);
    EXPECT_EQ(again.key_sha256, key.key_sha256);
    EXPECT_EQ(again.created_at, key.created_at);
}

TEST(AdminKeyCodec, RefusesWhatBreaksTheLimits) {
    const std::function<void(AdminKeyRecord&)> cases[] = {
        [](AdminKeyRecord& k) { k.id.clear(); },
        [](AdminKeyRecord& k) { k.id.assign(65, 'i'); },
        [](AdminKeyRecord& k) { k.name.assign(256, 'n'); },
        [](AdminKeyRecord& k) { k.role = "root"; },
        [](AdminKeyRecord& k) { k.role.clear(); },
    };
    for (const auto& damage : cases) {
        AdminKeyRecord key = full_key();
        damage(key);
        EXPECT_EQ(encode_admin_key(key).error(), Errc::invalid_argument);
    }
}

TEST(AdminKeyCodec, ReadsNothingThatItWouldNotWrite) {
    AdminKeyRecord key = full_key();
    key.id.assign(64, 'i');
    auto bytes = encode_admin_key(key).value();
    ASSERT_TRUE(decode_admin_key(bytes));
    // The length of the id stands before it, behind version, time and digest.
    const std::size_t at = 1 + 8 + key.key_sha256.size();
    ASSERT_EQ(bytes.at(at), std::byte{64});
    bytes.at(at) = std::byte{65};
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::byte{'i'});
    EXPECT_EQ(decode_admin_key(bytes).error(), Errc::corrupt_record);
}

TEST(AdminKeyCodec, SurvivesTruncationAndDamage) {
    const auto bytes = encode_admin_key(full_key()).value();
    for_each_truncation(bytes, [](std::span<const std::byte> cut) {
        EXPECT_EQ(decode_admin_key(cut).error(), Errc::corrupt_record) << cut.size();
    });
    for_each_mutation(bytes, 20'000, [](std::span<const std::byte> damaged) {
        const auto key = decode_admin_key(damaged);
        if (key) {
            EXPECT_TRUE(key->role == "admin" || key->role == "viewer");
        }
    });
}

}  // namespace
}  // namespace kwikgate::store
