#include <gtest/gtest.h>

#include <vector>

#include "store/write_failures.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

class WriteTest : public testing::Test {
  protected:
    tests::TemporaryDirectory temporary_;
    Store store_ = Store::create(temporary_.path(), small_store()).value();
    Reader reader_ = store_.reader().value();

    TokenRecord stored(unsigned index) {
        return reader_.snapshot()->token_by_id(sample_id(index)).value().value().to_record();
    }
    Result<void> update(const TokenRecord& record) {
        return store_.write([&](Write& write) { return write.update_token(record); });
    }
    void TearDown() override { EXPECT_EQ(store_.verify().value(), std::vector<std::string>{}); }
};

TEST_F(WriteTest, NumbersTokensFromOneAndNeverAgain) {
    ASSERT_TRUE(insert_samples(store_, 1, 2));
    EXPECT_EQ(stored(1).number, static_cast<TokenNumber>(1));
    EXPECT_EQ(stored(2).number, static_cast<TokenNumber>(2));
    ASSERT_TRUE(store_.write([](Write& write) { return write.erase_token(sample_id(2)); }));
    ASSERT_TRUE(insert_samples(store_, 3, 3));
    EXPECT_EQ(stored(3).number, static_cast<TokenNumber>(3));
}

TEST_F(WriteTest, RefusesTakenKeysAndChangesNothing) {
    ASSERT_TRUE(insert_samples(store_, 1, 1));
    for (const int field : {0, 1, 2}) {
        TokenRecord record = sample_token(2);
        if (field == 0) record.id = sample_id(1);
        if (field == 1) record.api_key = sample_key(1);
        if (field == 2) record.public_key = sample_public_key(1);
        // The refusal alone does not spoil the transaction.
        EXPECT_TRUE(store_.write([&](Write& write) -> Result<void> {
            EXPECT_EQ(write.insert_token(record).error(), Errc::already_exists) << field;
            return {};
        }));
    }
    EXPECT_EQ(store_.stat()->tokens, 1U);
    EXPECT_TRUE(insert_samples(store_, 2, 2));
    EXPECT_EQ(stored(2).number, static_cast<TokenNumber>(2));
}

TEST_F(WriteTest, CountsWhatTheStoreCouldNotTakeAndNoRefusals) {
    const std::uint64_t before = failed_writes();
    ASSERT_TRUE(insert_samples(store_, 1, 1));
    EXPECT_EQ(insert_samples(store_, 1, 1).error(), Errc::already_exists);
    EXPECT_EQ(update(sample_token(2)).error(), Errc::not_found);
    EXPECT_EQ(failed_writes(), before);
    const auto file = temporary_.path() / "data.mdb";
    std::filesystem::rename(file, temporary_.path() / "away");
    EXPECT_EQ(insert_samples(store_, 2, 2).error(), Errc::store_gone);
    EXPECT_EQ(failed_writes(), before + 1);
    std::filesystem::rename(temporary_.path() / "away", file);
    EXPECT_TRUE(insert_samples(store_, 2, 2));
    EXPECT_EQ(failed_writes(), before + 1);
}

TEST_F(WriteTest, StoresManyTokensWithoutPublicKey) {
    ASSERT_TRUE(store_.write([](Write& write) -> Result<void> {
        for (unsigned i = 1; i <= 3; ++i) {
            TokenRecord record = sample_token(i);
            record.public_key.clear();
            if (const auto r = write.insert_token(record); !r) return r;
        }
        return {};
    }));
    EXPECT_EQ(store_.stat()->tokens, 3U);
}

TEST_F(WriteTest, RefusesATokenBeyondTheLimits) {
    TokenRecord record = sample_token(1);
    record.name.clear();
    const auto r = store_.write([&](Write& write) { return write.insert_token(record); });
    EXPECT_EQ(r.error(), Errc::invalid_argument);
}

TEST_F(WriteTest, UpdatesOnlyTheVersionThatWasRead) {
    ASSERT_TRUE(insert_samples(store_, 1, 1));
    TokenRecord record = stored(1);
    record.status = TokenStatus::disabled;
    EXPECT_EQ(update(record).error(), Errc::version_conflict);
    record.version = 2;
    ASSERT_TRUE(update(record));
    EXPECT_EQ(stored(1), record);
    EXPECT_EQ(update(record).error(), Errc::version_conflict);
    record.version = 4;
    EXPECT_EQ(update(record).error(), Errc::version_conflict);
}

TEST_F(WriteTest, RefusesToUpdateOrEraseWhatIsNotThere) {
    EXPECT_EQ(update(sample_token(1)).error(), Errc::not_found);
    EXPECT_EQ(store_.write([](Write& write) { return write.erase_token("tok_x"); }).error(),
              Errc::not_found);
    EXPECT_EQ(store_.write([](Write& write) { return write.erase_token(""); }).error(),
              Errc::not_found);
    EXPECT_EQ(store_.write([](Write& write) { return write.erase_admin_key("adm"); }).error(),
              Errc::not_found);
}

TEST_F(WriteTest, MovesTheIndexesWhenKeysChange) {
    ASSERT_TRUE(insert_samples(store_, 1, 2));
    TokenRecord record = stored(1);
    record.version = 2;
    record.api_key = "imported-key";
    record.public_key = "imported-public-key";
    ASSERT_TRUE(update(record));
    {
        const auto snapshot = reader_.snapshot().value();
        EXPECT_FALSE(snapshot.token_by_key(sample_key(1)).value());
        EXPECT_FALSE(snapshot.token_by_public_key(sample_public_key(1)).value());
        EXPECT_EQ((*snapshot.token_by_key("imported-key"))->id, sample_id(1));
        EXPECT_EQ((*snapshot.token_by_public_key("imported-public-key"))->id, sample_id(1));
    }
    record.version = 3;
    record.public_key.clear();
    ASSERT_TRUE(update(record));
    record.version = 4;
    record.api_key = sample_key(2);
    EXPECT_EQ(update(record).error(), Errc::already_exists);
}

TEST_F(WriteTest, ErasesATokenWithItsUsage) {
    ASSERT_TRUE(insert_samples(store_, 1, 2));
    UsageDelta delta;
    delta.token = static_cast<TokenNumber>(1);
    delta.at = at_ms(5);
    ASSERT_TRUE(store_.write([&](Write& write) { return write.merge_usage({&delta, 1}); }));
    EXPECT_EQ(store_.stat()->usage_records, 1U);
    ASSERT_TRUE(store_.write([](Write& write) { return write.erase_token(sample_id(1)); }));
    EXPECT_EQ(store_.stat()->usage_records, 0U);
    EXPECT_EQ(store_.stat()->tokens, 1U);
    // What was counted before the token went must not bring its usage back.
    ASSERT_TRUE(store_.write([&](Write& write) { return write.merge_usage({&delta, 1}); }));
    EXPECT_EQ(store_.stat()->usage_records, 0U);
}

TEST_F(WriteTest, MergesUsageByToken) {
    ASSERT_TRUE(insert_samples(store_, 1, 2));
    std::vector<UsageDelta> deltas;
    for (std::uint32_t i = 0; i < 10; ++i) {
        UsageDelta delta;
        delta.token = static_cast<TokenNumber>(1 + i % 2);
        delta.at = at_ms(i);
        delta.section = SectionId{1};
        delta.secret_generation = 1;
        delta.requests = i;
        deltas.push_back(delta);
    }
    for (int round = 0; round < 2; ++round)
        ASSERT_TRUE(store_.write([&](Write& write) { return write.merge_usage(deltas); }));
    const auto snapshot = reader_.snapshot().value();
    EXPECT_EQ(snapshot.usage(static_cast<TokenNumber>(1))->requests, 40U);
    EXPECT_EQ(snapshot.usage(static_cast<TokenNumber>(2))->requests, 50U);
    EXPECT_EQ(snapshot.usage(static_cast<TokenNumber>(2))->last_used_at, at_ms(9));
    EXPECT_EQ(snapshot.usage(static_cast<TokenNumber>(2))->secret_last_used.at(1), at_ms(9));
}

TEST_F(WriteTest, ChangesNothingWithoutCommit) {
    {
        auto write = store_.begin_write().value();
        TokenRecord record = sample_token(1);
        ASSERT_TRUE(write.insert_token(record));
        ASSERT_TRUE(write.append_audit(sample_audit(record.id, "token.create")));
        EXPECT_TRUE(write.token_by_id(record.id).value());
        EXPECT_TRUE(write.token_by_key(record.api_key).value());
    }
    EXPECT_EQ(store_.stat()->tokens, 0U);
    EXPECT_EQ(store_.stat()->audit_entries, 0U);
}

TEST_F(WriteTest, ChangesNothingWhenTheChangeFails) {
    const auto r = store_.write([](Write& write) -> Result<void> {
        TokenRecord record = sample_token(1);
        if (const auto inserted = write.insert_token(record); !inserted) return inserted;
        return Errc::version_conflict;
    });
    EXPECT_EQ(r.error(), Errc::version_conflict);
    EXPECT_EQ(store_.stat()->tokens, 0U);
}

TEST_F(WriteTest, RefusesEverythingAfterCommit) {
    auto write = store_.begin_write().value();
    ASSERT_TRUE(write.commit());
    TokenRecord record = sample_token(1);
    EXPECT_EQ(write.commit().error(), Errc::invalid_argument);
    EXPECT_EQ(write.insert_token(record).error(), Errc::invalid_argument);
    EXPECT_EQ(write.update_token(record).error(), Errc::invalid_argument);
    EXPECT_EQ(write.erase_token(record.id).error(), Errc::invalid_argument);
    EXPECT_EQ(write.append_audit(sample_audit("t", "a")).error(), Errc::invalid_argument);
    EXPECT_EQ(write.register_section("payments").error(), Errc::invalid_argument);
    const UsageDelta delta;
    EXPECT_EQ(write.merge_usage({&delta, 1}).error(), Errc::invalid_argument);
    EXPECT_EQ(write.put_meta("a", "b").error(), Errc::invalid_argument);
}

TEST_F(WriteTest, NumbersAuditEntriesWithoutGaps) {
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(store_.write([](Write& write) -> Result<void> {
            if (const auto r = write.append_audit(sample_audit("tok_1", "a")); !r) return r;
            return write.append_audit(sample_audit("tok_1", "b"));
        }));
    std::vector<std::uint64_t> sequences;
    ASSERT_TRUE(reader_.snapshot()->for_each_audit(0, [&](const AuditEntry& entry) {
        sequences.push_back(entry.sequence);
        return true;
    }));
    EXPECT_EQ(sequences, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
}

TEST_F(WriteTest, RegistersEachSectionOnce) {
    std::vector<SectionId> ids;
    for (const char* slug : {"customers", "payments", "customers"})
        ASSERT_TRUE(store_.write([&](Write& write) -> Result<void> {
            const auto id = write.register_section(slug);
            if (!id) return id.error();
            ids.push_back(*id);
            return {};
        }));
    EXPECT_EQ(ids, (std::vector{SectionId{0}, SectionId{1}, SectionId{0}}));
    const auto sections = reader_.snapshot()->sections().value();
    ASSERT_EQ(sections.size(), 2U);
    EXPECT_EQ(sections[1], std::pair(SectionId{1}, std::string("payments")));
}

TEST_F(WriteTest, RegistersNoMoreSectionsThanASetHolds) {
    const auto r = store_.write([](Write& write) -> Result<void> {
        for (std::size_t i = 0; i < kMaxSections; ++i)
            if (const auto id = write.register_section("s-" + std::to_string(i)); !id)
                return id.error();
        EXPECT_EQ(write.register_section("one-more").error(), Errc::too_many_sections);
        EXPECT_TRUE(write.register_section("s-127"));
        return {};
    });
    EXPECT_TRUE(r);
    EXPECT_EQ(store_.stat()->sections, kMaxSections);
}

TEST_F(WriteTest, RefusesSlugsThatCannotStandInAUrl) {
    for (const std::string& slug : {std::string(), std::string("Customers"), std::string("a b"),
                                    std::string("a_b"), std::string(65, 'a')})
        EXPECT_EQ(store_
                      .write([&](Write& write) -> Result<void> {
                          const auto id = write.register_section(slug);
                          return id ? Result<void>{} : id.error();
                      })
                      .error(),
                  Errc::invalid_argument)
            << slug;
}

TEST_F(WriteTest, KeepsAdminKeysById) {
    AdminKeyRecord key;
    key.id = "adm_1";
    key.name = "Console";
    key.role = "admin";
    ASSERT_TRUE(store_.write([&](Write& write) { return write.put_admin_key(key); }));
    key.name = "Renamed";
    ASSERT_TRUE(store_.write([&](Write& write) { return write.put_admin_key(key); }));
    {
        const auto keys = reader_.snapshot()->admin_keys().value();
        ASSERT_EQ(keys.size(), 1U);
        EXPECT_EQ(keys[0].name, "Renamed");
    }
    ASSERT_TRUE(store_.write([&](Write& write) { return write.erase_admin_key("adm_1"); }));
    EXPECT_TRUE(reader_.snapshot()->admin_keys()->empty());
}

TEST_F(WriteTest, KeepsNamedValuesButNotItsOwnNames) {
    const std::string binary("a\0b", 3);
    ASSERT_TRUE(store_.write([&](Write& write) { return write.put_meta("check", binary); }));
    EXPECT_EQ(reader_.snapshot()->meta("check").value(), binary);
    EXPECT_FALSE(reader_.snapshot()->meta("other").value());
    for (const std::string& name :
         {std::string(), std::string("store.format"), std::string(256, 'n')})
        EXPECT_EQ(store_.write([&](Write& write) { return write.put_meta(name, "x"); }).error(),
                  Errc::invalid_argument);
}

}  // namespace
}  // namespace kwikgate::store
