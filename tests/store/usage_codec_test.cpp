#include "store/usage_codec.hpp"

#include <gtest/gtest.h>

#include "tests/store/mutation.hpp"
#include "tests/store/sample_token.hpp"

namespace kwikgate::store {
namespace {

UsageDelta delta(std::int64_t ms) {
    UsageDelta d;
    d.token = static_cast<TokenNumber>(1);
    d.at = at_ms(ms);
    return d;
}

TokenUsage busy_usage() {
    TokenUsage usage;
    for (std::uint8_t i = 0; i < 10; ++i) {
        UsageDelta d = delta(1000 + i);
        d.scheme = static_cast<Scheme>(i % 3);
        d.section = static_cast<SectionId>(i);
        d.is_write = i % 2 == 0;
        d.secret_generation = i;
        apply(usage, d);
    }
    return usage;
}

void expect_equal(const TokenUsage& a, const TokenUsage& b) {
    EXPECT_EQ(a.last_used_at, b.last_used_at);
    EXPECT_EQ(a.last_scheme, b.last_scheme);
    EXPECT_EQ(a.scheme_last_used, b.scheme_last_used);
    EXPECT_EQ(a.section_last_read, b.section_last_read);
    EXPECT_EQ(a.section_last_written, b.section_last_written);
    EXPECT_EQ(a.secret_last_used, b.secret_last_used);
    EXPECT_EQ(a.requests, b.requests);
}

TEST(UsageCodec, GivesBackEveryField) {
    for (const TokenUsage& usage : {TokenUsage{}, busy_usage()})
        expect_equal(decode_usage(encode_usage(usage)).value(), usage);
}

TEST(UsageCodec, RefusesEveryTruncation) {
    for_each_truncation(encode_usage(busy_usage()), [](std::span<const std::byte> bytes) {
        EXPECT_EQ(decode_usage(bytes).error(), Errc::corrupt_record) << bytes.size();
    });
}

TEST(UsageCodec, SurvivesRandomDamage) {
    for_each_mutation(encode_usage(busy_usage()), 20'000, [](std::span<const std::byte> bytes) {
        const auto usage = decode_usage(bytes);
        if (usage) expect_equal(decode_usage(encode_usage(*usage)).value(), *usage);
    });
}

TEST(UsageCodec, RefusesANewerMajorFormat) {
    auto bytes = encode_usage(busy_usage());
    bytes[0] = std::byte{2};
    EXPECT_EQ(decode_usage(bytes).error(), Errc::newer_format);
}

TEST(UsageApply, CountsRequestsAndKeepsTheLatestTimes) {
    TokenUsage usage;
    UsageDelta late = delta(2000);
    late.scheme = Scheme::signature;
    late.section = SectionId{3};
    late.requests = 5;
    apply(usage, late);
    UsageDelta early = delta(1000);
    early.section = SectionId{3};
    apply(usage, early);
    EXPECT_EQ(usage.requests, 6U);
    EXPECT_EQ(usage.last_used_at, at_ms(2000));
    EXPECT_EQ(usage.last_scheme, Scheme::signature);
    EXPECT_EQ(usage.scheme_last_used[0], at_ms(1000));
    EXPECT_EQ(usage.scheme_last_used[1], at_ms(2000));
    EXPECT_FALSE(usage.scheme_last_used[2]);
    EXPECT_EQ(usage.section_last_read.at(SectionId{3}), at_ms(2000));
    EXPECT_TRUE(usage.section_last_written.empty());
}

TEST(UsageApply, TellsReadsFromWrites) {
    TokenUsage usage;
    UsageDelta write = delta(10);
    write.section = SectionId{1};
    write.is_write = true;
    apply(usage, write);
    EXPECT_TRUE(usage.section_last_read.empty());
    EXPECT_EQ(usage.section_last_written.at(SectionId{1}), at_ms(10));
}

TEST(UsageApply, KeepsTheNewestFourSecrets) {
    TokenUsage usage;
    for (const std::uint32_t generation : {1U, 2U, 3U, 4U, 5U, 6U, 2U, 0U}) {
        UsageDelta d = delta(generation);
        d.secret_generation = generation;
        apply(usage, d);
    }
    std::vector<std::uint32_t> kept;
    for (const auto& [generation, at] : usage.secret_last_used) kept.push_back(generation);
    EXPECT_EQ(kept, (std::vector<std::uint32_t>{3, 4, 5, 6}));
}

}  // namespace
}  // namespace kwikgate::store
