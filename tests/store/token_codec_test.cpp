#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "store/token_record.hpp"
#include "tests/store/mutation.hpp"
#include "tests/store/sample_token.hpp"

namespace kwikgate::store {
namespace {

std::vector<std::byte> encoded(const TokenRecord& record) {
    return encode(record).value();
}

TEST(TokenCodec, GivesBackEveryField) {
    for (const TokenRecord& record : {sample_token(1), full_token()}) {
        const auto bytes = encoded(record);
        const auto view = decode(bytes);
        ASSERT_TRUE(view);
        EXPECT_EQ(view->to_record(), record);
    }
}

TEST(TokenCodec, ViewBorrowsTheEncodedBytes) {
    const auto bytes = encoded(full_token());
    const auto view = decode(bytes).value();
    const auto* begin = reinterpret_cast<const char*>(bytes.data());
    EXPECT_GE(view.name.data(), begin);
    EXPECT_LE(view.name.data() + view.name.size(), begin + bytes.size());
}

TEST(TokenCodec, AcceptsValuesAtTheLimits) {
    TokenRecord record = full_token();
    record.name.assign(kMaxNameBytes, 'n');
    record.account.assign(kMaxAccountBytes, 'a');
    record.api_key.assign(kMaxCredentialBytes, 'k');
    record.public_key.assign(kMaxCredentialBytes, 'p');
    record.allowed_ips.assign(kMaxAllowedIps, IpRange{});
    record.allowed_origins.assign(kMaxAllowedOrigins, std::string(kMaxOriginBytes, 'o'));
    const auto bytes = encoded(record);
    EXPECT_EQ(decode(bytes).value().to_record(), record);
}

TEST(TokenCodec, RefusesValuesBeyondTheLimits) {
    const std::pair<const char*, std::function<void(TokenRecord&)>> cases[] = {
        {"empty id", [](TokenRecord& r) { r.id.clear(); }},
        {"long id", [](TokenRecord& r) { r.id.assign(kTokenIdBytes + 1, 'i'); }},
        {"empty name", [](TokenRecord& r) { r.name.clear(); }},
        {"long name", [](TokenRecord& r) { r.name.assign(kMaxNameBytes + 1, 'n'); }},
        {"empty key", [](TokenRecord& r) { r.api_key.clear(); }},
        {"long key", [](TokenRecord& r) { r.api_key.assign(kMaxCredentialBytes + 1, 'k'); }},
        {"long public key", [](TokenRecord& r) { r.public_key.assign(256, 'k'); }},
        {"long account", [](TokenRecord& r) { r.account.assign(kMaxAccountBytes + 1, 'a'); }},
        {"many ips", [](TokenRecord& r) { r.allowed_ips.resize(kMaxAllowedIps + 1); }},
        {"wide prefix", [](TokenRecord& r) { r.allowed_ips.at(0).prefix_bits = 129; }},
        {"many origins", [](TokenRecord& r) { r.allowed_origins.assign(33, "https://a"); }},
        {"empty origin", [](TokenRecord& r) { r.allowed_origins.at(0).clear(); }},
        {"long origin", [](TokenRecord& r) { r.allowed_origins.at(0).assign(256, 'o'); }},
        {"bad status", [](TokenRecord& r) { r.status = static_cast<TokenStatus>(0); }},
        {"bad environment", [](TokenRecord& r) { r.environment = static_cast<Environment>(3); }},
    };
    for (const auto& [name, damage] : cases) {
        TokenRecord record = full_token();
        damage(record);
        const auto result = encode(record);
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error(), Errc::invalid_argument) << name;
    }
}

TEST(TokenCodec, RefusesEveryTruncation) {
    for (const TokenRecord& record : {sample_token(1), full_token()}) {
        for_each_truncation(encoded(record), [](std::span<const std::byte> bytes) {
            const auto view = decode(bytes);
            ASSERT_FALSE(view) << bytes.size();
            EXPECT_EQ(view.error(), Errc::corrupt_record) << bytes.size();
        });
    }
}

TEST(TokenCodec, SurvivesRandomDamage) {
    int accepted = 0;
    const auto check = [&accepted](std::span<const std::byte> bytes) {
        const auto view = decode(bytes);
        if (!view) {
            ASSERT_TRUE(view.error() == Errc::corrupt_record || view.error() == Errc::newer_format);
            return;
        }
        ++accepted;
        // What is accepted is a token within all limits: it can be stored again, unchanged.
        const TokenRecord record = view->to_record();
        const auto again = encode(record);
        ASSERT_TRUE(again);
        ASSERT_EQ(decode(*again).value().to_record(), record);
        (void)view->allows_address(IpAddress{});
        (void)view->allows_origin("https://shop.example");
    };
    for_each_mutation(encoded(full_token()), 50'000, check);
    for_each_mutation(encoded(sample_token(1)), 50'000, check);
    EXPECT_GT(accepted, 0);  // Damage inside a name or a sealed key is still a record.
}

TEST(TokenCodec, RefusesANewerMajorFormat) {
    auto bytes = encoded(full_token());
    bytes[0] = std::byte{2};
    EXPECT_EQ(decode(bytes).error(), Errc::newer_format);
    bytes[0] = std::byte{0};
    EXPECT_EQ(decode(bytes).error(), Errc::corrupt_record);
}

TEST(TokenCodec, IgnoresFieldsThatANewerMinorFormatAppended) {
    auto bytes = encoded(full_token());
    bytes[1] = std::byte{9};
    bytes.insert(bytes.end(), 40, std::byte{0xee});
    const auto view = decode(bytes);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->to_record(), full_token());
}

TEST(TokenCodec, ATokenWithoutACapIsWrittenAsBefore) {
    TokenRecord record = full_token();
    const auto capped = encoded(record);
    record.max_concurrent = 0;
    const auto plain = encoded(record);
    EXPECT_EQ(capped.size(), plain.size() + 4);
    // No flag that an older gateway would have to understand.
    EXPECT_EQ(plain[3] & std::byte{0x0f}, std::byte{0});
    EXPECT_EQ(decode(plain).value().max_concurrent, 0U);
    EXPECT_EQ(decode(capped).value().max_concurrent, 12U);
}

TEST(TokenCodec, FailsClosedOnFlagsThatMustBeUnderstood) {
    struct Case {
        std::size_t byte;
        std::byte flag;
        bool is_refused;
    };
    for (const Case& c : {Case{3, std::byte{0x02}, true}, Case{3, std::byte{0x08}, true},
                          Case{3, std::byte{0x10}, false}, Case{3, std::byte{0x80}, false}}) {
        auto bytes = encoded(full_token());
        bytes[c.byte] |= c.flag;
        const auto view = decode(bytes);
        EXPECT_EQ(view.has_error(), c.is_refused);
        if (c.is_refused) {
            EXPECT_EQ(view.error(), Errc::newer_format);
        }
    }
}

}  // namespace
}  // namespace kwikgate::store
