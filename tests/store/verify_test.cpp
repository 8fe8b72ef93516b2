#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/store/raw_environment.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

using testing::Contains;
using testing::HasSubstr;

const std::string kNumberOne("\0\0\0\1", 4);
const std::string kNumberNine("\0\0\0\11", 4);
const std::string kDayZero(4, '\0');

/// A sound store with three tokens, usage, sections, audit entries and an admin key.
void fill(const std::filesystem::path& directory) {
    auto store = Store::create(directory, small_store()).value();
    const auto r = store.write([](Write& write) -> Result<void> {
        if (const auto id = write.register_section("payments"); !id) return id.error();
        for (unsigned i = 1; i <= 3; ++i) {
            TokenRecord record = sample_token(i);
            record.readable.add(SectionId{0});
            if (const auto x = write.insert_token(record); !x) return x;
            if (const auto x = write.append_audit(sample_audit(record.id, "token.create")); !x)
                return x;
            UsageDelta delta;
            delta.token = record.number;
            delta.section = SectionId{0};
            if (const auto x = write.merge_usage({&delta, 1}); !x) return x;
        }
        AdminKeyRecord key;
        key.id = "adm_1";
        key.role = "viewer";
        return write.put_admin_key(key);
    });
    ASSERT_TRUE(r);
    ASSERT_EQ(store.verify().value(), std::vector<std::string>{});
}

struct Damage {
    const char* name;
    std::function<void(RawEnvironment&)> inflict;
    const char* problem;
};

const Damage kDamages[] = {
    {"record", [](RawEnvironment& raw) { raw.put("tokens", sample_key(1), "junk"); },
     "the token with key 'kwk_live_ak_...'"},
    {"record of another key",
     [](RawEnvironment& raw) {
         raw.put("tokens", sample_key(1), raw.get("tokens", sample_key(2)));
     },
     "is stored under another key"},
    {"record without index", [](RawEnvironment& raw) { raw.erase("ids", sample_id(1)); },
     "is not in the index of ids"},
    {"number missing", [](RawEnvironment& raw) { raw.erase("numbers", kNumberOne); },
     "is not in the index of numbers"},
    {"public key missing",
     [](RawEnvironment& raw) { raw.erase("public_keys", sample_public_key(1)); },
     "is not in the index of public keys"},
    {"token missing", [](RawEnvironment& raw) { raw.erase("tokens", sample_key(1)); },
     "the index of ids leads from 'tok_0000000000000000000001' to no such token"},
    {"id of another", [](RawEnvironment& raw) { raw.put("ids", sample_id(9), sample_key(1)); },
     "the index of ids leads"},
    {"number of nobody", [](RawEnvironment& raw) { raw.put("numbers", kNumberNine, "tok_x"); },
     "the index of numbers leads from 9"},
    {"public key of nobody",
     [](RawEnvironment& raw) { raw.put("public_keys", "other", sample_key(1)); },
     "the index of public keys leads"},
    {"unregistered section",
     [](RawEnvironment& raw) { raw.erase("sections", std::string(1, '\0')); },
     "holds a section that is not registered"},
    {"section twice",
     [](RawEnvironment& raw) { raw.put("sections", std::string(1, '\1'), "payments"); }, "section"},
    {"number from the future",
     [](RawEnvironment& raw) { raw.put("meta", "store.next_token", kNumberOne); },
     "has a number that was never given"},
    {"counter missing", [](RawEnvironment& raw) { raw.erase("meta", "store.next_token"); },
     "the counter of token numbers"},
    {"audit gap",
     [](RawEnvironment& raw) { raw.erase("audit", std::string("\0\0\0\0\0\0\0\2", 8)); },
     "the audit log has a gap before entry 3"},
    {"audit entry",
     [](RawEnvironment& raw) { raw.put("audit", std::string("\0\0\0\0\0\0\0\2", 8), "x"); },
     "audit entry 2"},
    {"usage", [](RawEnvironment& raw) { raw.put("usage", kNumberOne, "x"); },
     "usage of token number 1"},
    {"usage of nobody",
     [](RawEnvironment& raw) { raw.put("usage", kNumberNine, raw.get("usage", kNumberOne)); },
     "usage of token number 9 belongs to no token"},
    {"day of usage", [](RawEnvironment& raw) { raw.put("usage_days", kNumberOne + kDayZero, "x"); },
     "a day of usage of token number 1"},
    {"day of usage of nobody",
     [](RawEnvironment& raw) {
         raw.put("usage_days", kNumberNine + kDayZero,
                 raw.get("usage_days", kNumberOne + kDayZero));
     },
     "a day of usage of token number 9 belongs to no token"},
    {"day of usage without a day",
     [](RawEnvironment& raw) { raw.put("usage_days", kNumberOne, "x"); },
     "a day of usage stands under a key that is none"},
    {"admin key", [](RawEnvironment& raw) { raw.put("admin_keys", "adm_1", "x"); },
     "admin key 'adm_1'"},
    {"admin key under another id",
     [](RawEnvironment& raw) { raw.put("admin_keys", "adm_2", raw.get("admin_keys", "adm_1")); },
     "admin key 'adm_2' is stored under another id"},
};

TEST(StoreVerify, FindsEveryKindOfDamage) {
    for (const Damage& damage : kDamages) {
        const tests::TemporaryDirectory temporary;
        fill(temporary.path());
        {
            RawEnvironment raw(temporary.path());
            damage.inflict(raw);
        }
        auto store = Store::open(temporary.path(), small_store());
        ASSERT_TRUE(store) << damage.name;
        EXPECT_THAT(store->verify().value(), Contains(HasSubstr(damage.problem))) << damage.name;
    }
}

TEST(StoreVerify, NamesNoWholeKey) {
    const tests::TemporaryDirectory temporary;
    fill(temporary.path());
    {
        RawEnvironment raw(temporary.path());
        raw.put("tokens", sample_key(1), "junk");
        raw.put("public_keys", sample_public_key(5), sample_key(2));
        raw.erase("ids", sample_id(2));
    }
    auto store = Store::open(temporary.path(), small_store()).value();
    for (const std::string& problem : store.verify().value()) {
        EXPECT_THAT(problem, testing::Not(HasSubstr(sample_key(1))));
        EXPECT_THAT(problem, testing::Not(HasSubstr(sample_public_key(5))));
    }
}

TEST(StoreDamage, OneBrokenRecordDoesNotHideTheOthers) {
    const tests::TemporaryDirectory temporary;
    fill(temporary.path());
    {
        RawEnvironment raw(temporary.path());
        raw.put("tokens", sample_key(2), "\1");
    }
    auto store = Store::open(temporary.path(), small_store()).value();
    Reader reader = store.reader().value();
    const auto snapshot = reader.snapshot().value();
    EXPECT_EQ(snapshot.token_by_key(sample_key(2)).error(), Errc::corrupt_record);
    EXPECT_TRUE(snapshot.token_by_key(sample_key(1)).value());
    std::vector<std::string> seen;
    std::vector<std::string> corrupt;
    const auto visit = [&seen](const TokenView& token) {
        seen.emplace_back(token.id);
        return true;
    };
    EXPECT_EQ(snapshot.for_each_token("", visit).error(), Errc::corrupt_record);
    seen.clear();
    EXPECT_TRUE(snapshot.for_each_token(
        "", visit, [&corrupt](std::string_view key) { corrupt.emplace_back(key); }));
    EXPECT_EQ(seen, (std::vector{sample_id(1), sample_id(3)}));
    EXPECT_EQ(corrupt, std::vector{sample_key(2)});
}

TEST(StoreDamage, DanglingIndexIsAnErrorAndNotAMissingToken) {
    const tests::TemporaryDirectory temporary;
    fill(temporary.path());
    {
        RawEnvironment raw(temporary.path());
        raw.erase("tokens", sample_key(2));
        raw.put("public_keys", sample_public_key(1), sample_key(3));
    }
    auto store = Store::open(temporary.path(), small_store()).value();
    Reader reader = store.reader().value();
    const auto snapshot = reader.snapshot().value();
    EXPECT_EQ(snapshot.token_by_id(sample_id(2)).error(), Errc::corrupt_record);
    // Another token's public key must never lead to this one.
    EXPECT_EQ(snapshot.token_by_public_key(sample_public_key(1)).error(), Errc::corrupt_record);
}

}  // namespace
}  // namespace kwikgate::store
