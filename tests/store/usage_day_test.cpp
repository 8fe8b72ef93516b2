#include "store/usage_day.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>

#include "tests/store/mutation.hpp"
#include "tests/store/raw_environment.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr TokenNumber kFirst{1};
constexpr TokenNumber kSecond{2};
const sys_days kToday{days{20'000}};
const sys_days kEver{days{100'000}};

UsageDelta used(TokenNumber token, sys_days day, std::uint8_t section, std::uint32_t requests = 1) {
    UsageDelta delta;
    delta.token = token;
    delta.at = Timestamp(day) + std::chrono::hours{23};
    delta.section = SectionId{section};
    delta.requests = requests;
    return delta;
}

UsageDelta wrote(TokenNumber token, sys_days day, std::uint8_t section) {
    UsageDelta delta = used(token, day, section);
    delta.is_write = true;
    return delta;
}

UsageDay busy_day() {
    UsageDay day{kToday, {}};
    for (std::uint8_t i = 0; i < 10; ++i)
        day.sections.push_back({SectionId{static_cast<std::uint8_t>(i * 3)}, 1000U + i, i});
    return day;
}

TEST(UsageDayCodec, GivesBackEveryField) {
    for (const UsageDay& day : {UsageDay{kToday, {}}, busy_day()})
        EXPECT_EQ(decode_usage_day(kToday, encode_usage_day(day)).value(), day);
}

TEST(UsageDayCodec, TakesNineBytesASection) {
    EXPECT_EQ(encode_usage_day(busy_day()).size(), 92U);
    UsageDay full{kToday, {}};
    for (unsigned i = 0; i < kMaxSections; ++i)
        apply(full, used(kFirst, kToday, static_cast<std::uint8_t>(i)));
    const auto bytes = encode_usage_day(full);
    EXPECT_EQ(bytes.size(), 2 + 9 * kMaxSections);
    EXPECT_EQ(decode_usage_day(kToday, bytes).value(), full);
}

TEST(UsageDayCodec, RefusesEveryTruncation) {
    for_each_truncation(encode_usage_day(busy_day()), [](std::span<const std::byte> bytes) {
        EXPECT_EQ(decode_usage_day(kToday, bytes).error(), Errc::corrupt_record) << bytes.size();
    });
}

TEST(UsageDayCodec, SurvivesRandomDamage) {
    for_each_mutation(encode_usage_day(busy_day()), 20'000, [](std::span<const std::byte> bytes) {
        const auto day = decode_usage_day(kToday, bytes);
        if (!day) return;
        EXPECT_EQ(decode_usage_day(kToday, encode_usage_day(*day)).value(), *day);
    });
}

TEST(UsageDayCodec, RefusesANewerMajorFormat) {
    auto bytes = encode_usage_day(busy_day());
    bytes[0] = std::byte{2};
    EXPECT_EQ(decode_usage_day(kToday, bytes).error(), Errc::newer_format);
}

TEST(UsageDayApply, CountsReadsAndWritesBySectionAndStopsAtTheGreatest) {
    UsageDay day{kToday, {}};
    for (const UsageDelta& delta :
         {used(kFirst, kToday, 7, 2), wrote(kFirst, kToday, 3), used(kFirst, kToday, 7)})
        apply(day, delta);
    EXPECT_EQ(day.sections,
              (std::vector<SectionCount>{{SectionId{3}, 0, 1}, {SectionId{7}, 3, 0}}));
    constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
    for (int i = 0; i < 2; ++i) apply(day, used(kFirst, kToday, 7, kMost));
    EXPECT_EQ(day.sections[1].reads, kMost);
}

class UsageDaysTest : public testing::Test {
  protected:
    UsageDaysTest() {
        store_.emplace(Store::create(path_, small_store()).value());
        EXPECT_TRUE(insert_samples(*store_, 1, 2));
    }

    void merge(const std::vector<UsageDelta>& deltas) {
        ASSERT_TRUE(store_->write([&](Write& write) { return write.merge_usage(deltas); }));
    }
    std::vector<UsageDay> days_of(TokenNumber token, sys_days from = sys_days{},
                                  sys_days to = kEver) {
        auto reader = store_->reader().value();
        return reader.snapshot()->usage_days(token, from, to).value();
    }
    void reopen_after(const std::function<void(RawEnvironment&)>& change) {
        store_.reset();
        {
            RawEnvironment raw(path_);
            change(raw);
        }
        store_.emplace(Store::open(path_, small_store()).value());
    }

    tests::TemporaryDirectory directory_;
    const std::filesystem::path path_ = directory_.path() / "store";
    std::optional<Store> store_;
};

TEST_F(UsageDaysTest, KeepsWhatEachTokenDidOnEachDay) {
    const sys_days yesterday = kToday - days{1};
    merge({used(kFirst, kToday, 1, 4), used(kSecond, kToday, 1), wrote(kFirst, yesterday, 2),
           used(kFirst, kToday, 0)});
    merge({used(kFirst, kToday, 1, 5), wrote(kFirst, kToday, 1)});
    const UsageDay today{kToday, {{SectionId{0}, 1, 0}, {SectionId{1}, 9, 1}}};
    EXPECT_EQ(days_of(kFirst), (std::vector<UsageDay>{{yesterday, {{SectionId{2}, 0, 1}}}, today}));
    EXPECT_EQ(days_of(kSecond), (std::vector<UsageDay>{{kToday, {{SectionId{1}, 1, 0}}}}));
    EXPECT_EQ(days_of(kFirst, kToday), (std::vector<UsageDay>{today}));
    EXPECT_EQ(days_of(kFirst, sys_days{}, yesterday).size(), 1U);
    EXPECT_EQ(store_->stat()->usage_records, 2U);
}

TEST_F(UsageDaysTest, KeepsTheNewestThirtyDaysWhateverTheOrderInWhichTheyCome) {
    std::vector<UsageDelta> deltas;
    for (unsigned i = 0; i < 100; ++i)
        deltas.push_back(used(kFirst, kToday - days{i * 37 % 100}, 1, i + 1));
    for (const UsageDelta& delta : deltas) merge({delta});
    merge({used(kSecond, kToday - days{500}, 1)});
    const auto kept = days_of(kFirst);
    ASSERT_EQ(kept.size(), kUsageDays);
    EXPECT_EQ(kept.front().day, kToday - days{29});
    EXPECT_EQ(kept.back().day, kToday);
    EXPECT_EQ(days_of(kSecond).size(), 1U);
}

TEST_F(UsageDaysTest, LeavesOutWhatHasNoSectionOrNoDay) {
    UsageDelta of_no_section = used(kFirst, kToday, 1);
    of_no_section.section.reset();
    UsageDelta before_time = used(kFirst, sys_days{} - days{3}, 1);
    merge({of_no_section, before_time});
    EXPECT_TRUE(days_of(kFirst).empty());
    EXPECT_EQ(store_->reader()->snapshot()->usage(kFirst)->requests, 2U);
}

TEST_F(UsageDaysTest, GoWithTheirTokenAndDoNotComeBack) {
    merge({used(kFirst, kToday, 1), used(kFirst, kToday - days{1}, 1), used(kSecond, kToday, 1)});
    ASSERT_TRUE(store_->write([](Write& write) { return write.erase_token(sample_id(1)); }));
    merge({used(kFirst, kToday, 1)});
    EXPECT_TRUE(days_of(kFirst).empty());
    EXPECT_EQ(days_of(kSecond).size(), 1U);
    EXPECT_EQ(store_->verify().value(), std::vector<std::string>{});
}

TEST_F(UsageDaysTest, AnOlderStoreGetsThemWhenItIsOpenedToWrite) {
    UsageDelta before = used(kFirst, kToday, 1, 41);
    merge({before});
    reopen_after([](RawEnvironment& raw) { raw.drop("usage_days"); });
    EXPECT_TRUE(days_of(kFirst).empty());
    merge({used(kFirst, kToday, 1)});
    EXPECT_EQ(days_of(kFirst), (std::vector<UsageDay>{{kToday, {{SectionId{1}, 1, 0}}}}));
    EXPECT_EQ(store_->reader()->snapshot()->usage(kFirst)->requests, 42U);
    EXPECT_EQ(store_->verify().value(), std::vector<std::string>{});
}

TEST_F(UsageDaysTest, AnOlderStoreIsReadWithoutThem) {
    const std::filesystem::path copy = directory_.path() / "copy";
    ASSERT_TRUE(store_->backup(copy));
    {
        RawEnvironment raw(copy);
        raw.drop("usage_days");
    }
    StoreOptions options = small_store();
    options.mode = OpenMode::read_only;
    auto older = Store::open(copy, options).value();
    auto reader = older.reader().value();
    EXPECT_TRUE(reader.snapshot()->usage_days(kFirst, sys_days{}, kEver)->empty());
    EXPECT_TRUE(reader.snapshot()->token_by_id(sample_id(1))->has_value());
    EXPECT_EQ(older.verify().value(), std::vector<std::string>{});
}

TEST_F(UsageDaysTest, ADamagedRecordStartsAnewAndHoldsUpNoOther) {
    merge({used(kFirst, kToday, 1, 5), used(kSecond, kToday, 1, 5)});
    const std::string number("\0\0\0\1", 4);
    const auto key = usage_day_key(kFirst, kToday);
    const std::string day(reinterpret_cast<const char*>(key.data()), key.size());
    reopen_after([&](RawEnvironment& raw) {
        raw.put("usage", number, "\x01");
        raw.put("usage_days", day, "\x01");
    });
    EXPECT_TRUE(days_of(kFirst).empty());
    merge({used(kFirst, kToday, 1), used(kSecond, kToday, 1)});
    EXPECT_EQ(days_of(kFirst), (std::vector<UsageDay>{{kToday, {{SectionId{1}, 1, 0}}}}));
    EXPECT_EQ(days_of(kSecond), (std::vector<UsageDay>{{kToday, {{SectionId{1}, 6, 0}}}}));
    EXPECT_EQ(store_->reader()->snapshot()->usage(kFirst)->requests, 1U);
}

TEST_F(UsageDaysTest, ARecordOfANewerFormatIsLeftAlone) {
    merge({used(kFirst, kToday, 1)});
    const std::string number("\0\0\0\1", 4);
    reopen_after([&](RawEnvironment& raw) { raw.put("usage", number, "\x09newer"); });
    merge({used(kFirst, kToday, 1), used(kSecond, kToday, 1)});
    EXPECT_EQ(store_->reader()->snapshot()->usage(kFirst).error(), Errc::newer_format);
    EXPECT_EQ(days_of(kSecond).size(), 1U);
}

}  // namespace
}  // namespace kwikgate::store
