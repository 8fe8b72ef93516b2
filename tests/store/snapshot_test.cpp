#include <gtest/gtest.h>

#include <vector>

#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

class SnapshotTest : public testing::Test {
  protected:
    tests::TemporaryDirectory temporary_;
    Store store_ = Store::create(temporary_.path(), small_store()).value();
    Reader reader_ = store_.reader().value();

    std::vector<std::string> ids_after(std::string_view after, std::size_t most = 100) {
        std::vector<std::string> ids;
        EXPECT_TRUE(reader_.snapshot()->for_each_token(after, [&](const TokenView& token) {
            ids.emplace_back(token.id);
            return ids.size() < most;
        }));
        return ids;
    }
};

TEST_F(SnapshotTest, FindsATokenByKeyPublicKeyAndId) {
    ASSERT_TRUE(insert_samples(store_, 1, 50));
    const auto snapshot = reader_.snapshot().value();
    EXPECT_EQ((*snapshot.token_by_key(sample_key(20)))->id, sample_id(20));
    EXPECT_EQ((*snapshot.token_by_public_key(sample_public_key(21)))->id, sample_id(21));
    EXPECT_EQ((*snapshot.token_by_id(sample_id(22)))->api_key, sample_key(22));
    TokenRecord expected = sample_token(22);
    expected.number = static_cast<TokenNumber>(22);
    EXPECT_EQ((*snapshot.token_by_id(sample_id(22)))->to_record(), expected);
}

TEST_F(SnapshotTest, FindsNothingForUnknownOrImpossibleKeys) {
    ASSERT_TRUE(insert_samples(store_, 1, 3));
    const auto snapshot = reader_.snapshot().value();
    for (const std::string& key :
         {std::string(), std::string("x"), sample_key(4), sample_id(1), std::string(5000, 'k'),
          sample_key(1) + "0", std::string(1, '\0')}) {
        EXPECT_FALSE(snapshot.token_by_key(key).value()) << key;
        EXPECT_FALSE(snapshot.token_by_public_key(key).value()) << key;
    }
    EXPECT_FALSE(snapshot.token_by_id("").value());
    EXPECT_FALSE(snapshot.token_by_id(sample_key(1)).value());
}

TEST_F(SnapshotTest, ListsInOrderOfCreationAndPages) {
    ASSERT_TRUE(insert_samples(store_, 1, 7));
    EXPECT_EQ(ids_after("").size(), 7U);
    EXPECT_EQ(ids_after("", 2), (std::vector{sample_id(1), sample_id(2)}));
    EXPECT_EQ(ids_after(sample_id(2), 2), (std::vector{sample_id(3), sample_id(4)}));
    EXPECT_EQ(ids_after(sample_id(6)), (std::vector{sample_id(7)}));
    EXPECT_TRUE(ids_after(sample_id(7)).empty());
    ASSERT_TRUE(store_.write([](Write& write) { return write.erase_token(sample_id(3)); }));
    EXPECT_EQ(ids_after(sample_id(3), 1), (std::vector{sample_id(4)}));
}

TEST_F(SnapshotTest, StaysTheSameWhileOthersWrite) {
    ASSERT_TRUE(insert_samples(store_, 1, 1));
    {
        const auto snapshot = reader_.snapshot().value();
        ASSERT_TRUE(insert_samples(store_, 2, 2));
        EXPECT_FALSE(snapshot.token_by_key(sample_key(2)).value());
        EXPECT_TRUE(snapshot.token_by_key(sample_key(1)).value());
    }
    EXPECT_TRUE(reader_.snapshot()->token_by_key(sample_key(2)).value());
}

TEST_F(SnapshotTest, ReaderGivesOneSnapshotAtATime) {
    const auto first = reader_.snapshot();
    ASSERT_TRUE(first);
    EXPECT_EQ(reader_.snapshot().error(), Errc::invalid_argument);
}

TEST_F(SnapshotTest, MovedReaderKeepsItsSnapshotAlive) {
    ASSERT_TRUE(insert_samples(store_, 1, 1));
    Reader first = store_.reader().value();
    auto snapshot = first.snapshot().value();
    const Reader second(std::move(first));
    const Snapshot moved(std::move(snapshot));
    EXPECT_TRUE(moved.token_by_key(sample_key(1)).value());
}

TEST_F(SnapshotTest, SaysWhenTheReaderTableIsFull) {
    std::vector<Reader> readers;
    for (unsigned i = 0; i < small_store().max_readers + 1; ++i) {
        auto reader = store_.reader();
        if (!reader) {
            EXPECT_EQ(reader.error(), Errc::too_many_readers);
            readers.clear();
            EXPECT_TRUE(store_.reader());
            return;
        }
        readers.push_back(std::move(*reader));
    }
    FAIL() << "more readers than the table has room for";
}

TEST_F(SnapshotTest, ReadsTheAuditLogFromAnySequence) {
    ASSERT_TRUE(store_.write([](Write& write) -> Result<void> {
        for (int i = 0; i < 300; ++i)
            if (const auto r = write.append_audit(sample_audit("tok", "a" + std::to_string(i))); !r)
                return r;
        return {};
    }));
    const auto snapshot = reader_.snapshot().value();
    for (const std::uint64_t from : {0ULL, 1ULL, 255ULL, 256ULL, 257ULL, 300ULL, 301ULL}) {
        std::uint64_t expected = std::max<std::uint64_t>(from, 1);
        ASSERT_TRUE(snapshot.for_each_audit(from, [&](const AuditEntry& entry) {
            EXPECT_EQ(entry.sequence, expected);
            EXPECT_EQ(entry.action, "a" + std::to_string(expected - 1));
            ++expected;
            return true;
        }));
        EXPECT_EQ(expected, 301U);
    }
    int visited = 0;
    ASSERT_TRUE(snapshot.for_each_audit(1, [&](const AuditEntry&) { return ++visited < 5; }));
    EXPECT_EQ(visited, 5);
}

TEST_F(SnapshotTest, ListsBackwardsFromAnyId) {
    ASSERT_TRUE(insert_samples(store_, 1, 5));
    const auto before = [&](std::string_view id, std::size_t most = 100) {
        std::vector<std::string> ids;
        EXPECT_TRUE(reader_.snapshot()->for_each_token_backwards(id, [&](const TokenView& token) {
            ids.emplace_back(token.id);
            return ids.size() < most;
        }));
        return ids;
    };
    EXPECT_EQ(before("", 2), (std::vector{sample_id(5), sample_id(4)}));
    EXPECT_EQ(before(sample_id(4)), (std::vector{sample_id(3), sample_id(2), sample_id(1)}));
    EXPECT_EQ(before(sample_id(9), 1), (std::vector{sample_id(5)}));
    EXPECT_TRUE(before(sample_id(1)).empty());
    ASSERT_TRUE(store_.write([](Write& write) { return write.erase_token(sample_id(3)); }));
    EXPECT_EQ(before(sample_id(3), 1), (std::vector{sample_id(2)}));
    EXPECT_EQ(before(sample_id(4), 1), (std::vector{sample_id(2)}));
    EXPECT_EQ(
        reader_.snapshot()
            ->for_each_token_backwards(std::string(99, 'x'), [](const TokenView&) { return true; })
            .error(),
        Errc::invalid_argument);
}

TEST_F(SnapshotTest, ListsNothingBackwardsInAnEmptyStore) {
    const auto snapshot = reader_.snapshot().value();
    const auto fail = [](const auto&) { return ADD_FAILURE(), true; };
    EXPECT_TRUE(snapshot.for_each_token_backwards("", fail));
    EXPECT_TRUE(snapshot.for_each_audit_backwards(UINT64_MAX, fail));
}

TEST_F(SnapshotTest, ReadsTheAuditLogBackwardsFromAnySequence) {
    ASSERT_TRUE(store_.write([](Write& write) -> Result<void> {
        for (int i = 0; i < 300; ++i)
            if (const auto r = write.append_audit(sample_audit("tok", "a")); !r) return r;
        return {};
    }));
    const auto snapshot = reader_.snapshot().value();
    for (const std::uint64_t before : {1ULL, 2ULL, 256ULL, 257ULL, 301ULL, ~0ULL}) {
        std::uint64_t expected = std::min<std::uint64_t>(before, 301);
        ASSERT_TRUE(snapshot.for_each_audit_backwards(before, [&](const AuditEntry& entry) {
            EXPECT_EQ(entry.sequence, --expected);
            return true;
        }));
        EXPECT_EQ(expected, 1U);
    }
}

TEST_F(SnapshotTest, GivesEmptyUsageForATokenNeverUsed) {
    const auto usage = reader_.snapshot()->usage(static_cast<TokenNumber>(9)).value();
    EXPECT_EQ(usage.requests, 0U);
    EXPECT_FALSE(usage.last_used_at);
}

}  // namespace
}  // namespace kwikgate::store
