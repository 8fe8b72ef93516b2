#include "gateway/cli/ndjson.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kwikgate::gateway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

auth::SectionCatalogue names() {
    return auth::SectionCatalogue(
        {{store::SectionId{0}, "customers"}, {store::SectionId{4}, "payments"}});
}

/// The first problem of one line; empty when it was taken.
std::string problem_of(std::string_view line) {
    const auth::SectionCatalogue sections = names();
    ImportParser parser(sections);
    parser.add_line(line);
    if (parser.problems().empty()) return parser.items().size() == 1 ? "" : "not taken";
    return parser.problems().front().message;
}

store::TokenRecord full_record() {
    store::TokenRecord record;
    record.id = "tok_0123456789abcdefghijkl";
    record.name = "Shop \"A\"";
    record.api_key = "kwk_test_ak_0123456789abcdefghijkl";
    record.public_key = "kwk_test_pk_0123456789abcdefghijkl";
    record.created_at = store::Timestamp{std::chrono::milliseconds{1'700'000'000'123}};
    record.status = store::TokenStatus::disabled;
    record.environment = store::Environment::test;
    record.readable.add(store::SectionId{4});
    record.writable = record.readable;
    record.account = "acc-1";
    record.expires_at = record.created_at + std::chrono::hours{1};
    record.allowed_origins = {"https://shop.example"};
    record.rate = store::RateLimit{5, 9};
    record.max_concurrent = 7;
    record.require_signature = true;
    record.require_form_signature = true;
    record.debug = true;
    record.secret.sealed_key.fill(0x5a);
    record.secret.created_at = record.created_at;
    record.secret.generation = 2;
    record.previous_secret.emplace();
    record.previous_secret->sealed_key.fill(0xa5);
    record.previous_secret->created_at = record.created_at;
    record.previous_secret->valid_until = record.created_at + std::chrono::hours{24};
    return record;
}

TEST(ExportTest, OfATokenThatWritesOnlySomeSectionsIsReadOnly) {
    store::TokenRecord record = full_record();
    EXPECT_THAT(export_line(record, names(), true), HasSubstr("\"read-write\""));
    record.readable.add(store::SectionId{0});
    for (const bool sealed : {false, true})
        EXPECT_THAT(export_line(record, names(), sealed), HasSubstr("\"read-only\""));
}

TEST(ImportTest, SkipsAByteOrderMarkBeforeTheFirstLineOnly) {
    const std::string line = R"({"name": "a", "sections": ["payments"]})";
    EXPECT_EQ(problem_of("\xEF\xBB\xBF" + line), "");
    const auth::SectionCatalogue sections = names();
    ImportParser parser(sections);
    parser.add_line(line);
    parser.add_line("\xEF\xBB\xBF" + line);
    ASSERT_EQ(parser.problems().size(), 1U);
    EXPECT_EQ(parser.problems().front().line, 2U);
}

TEST(ExportTest, HoldsNothingOfTheCredentialsUnlessAskedTo) {
    const std::string line = export_line(full_record(), names(), false);
    for (const char* part : {"tok_", "kwk_", "sealed", "Wlpa"}) {
        EXPECT_THAT(line, Not(HasSubstr(part)));
    }
}

TEST(ExportTest, SettingsComeBackThroughAnImport) {
    const auth::SectionCatalogue sections = names();
    ImportParser parser(sections);
    ASSERT_TRUE(parser.add_line(export_line(full_record(), sections, false)));
    ASSERT_EQ(parser.items().size(), 1U)
        << (parser.problems().empty() ? "" : parser.problems()[0].message);
    const auth::ImportItem& item = parser.items()[0];
    const store::TokenRecord record = full_record();
    EXPECT_EQ(item.spec.name, record.name);
    EXPECT_EQ(item.spec.sections, std::vector<std::string>{"payments"});
    EXPECT_EQ(item.spec.read_write, true);
    EXPECT_EQ(item.spec.status, record.status);
    EXPECT_EQ(item.spec.environment, record.environment);
    EXPECT_EQ(item.spec.account, record.account);
    ASSERT_TRUE(item.spec.expires_at);
    EXPECT_EQ(*item.spec.expires_at, record.expires_at);
    EXPECT_EQ(item.spec.allowed_origins, record.allowed_origins);
    ASSERT_TRUE(item.spec.rate);
    EXPECT_EQ(*item.spec.rate, record.rate);
    EXPECT_EQ(item.spec.max_concurrent, 7U);
    EXPECT_EQ(item.spec.require_signature, true);
    EXPECT_EQ(item.spec.require_form_signature, true);
    EXPECT_EQ(item.spec.debug, true);
    EXPECT_EQ(item.created_at, record.created_at);
    EXPECT_FALSE(item.credentials);
    EXPECT_FALSE(item.sealed);
}

TEST(ExportTest, SealedSecretsComeBackByteForByte) {
    const auth::SectionCatalogue sections = names();
    ImportParser parser(sections);
    ASSERT_TRUE(parser.add_line(export_line(full_record(), sections, true)));
    ASSERT_EQ(parser.items().size(), 1U)
        << (parser.problems().empty() ? "" : parser.problems()[0].message);
    ASSERT_TRUE(parser.items()[0].sealed);
    const store::TokenRecord& sealed = *parser.items()[0].sealed;
    const store::TokenRecord record = full_record();
    EXPECT_EQ(sealed.id, record.id);
    EXPECT_EQ(sealed.api_key, record.api_key);
    EXPECT_EQ(sealed.public_key, record.public_key);
    EXPECT_EQ(sealed.environment, record.environment);
    EXPECT_EQ(sealed.secret, record.secret);
    EXPECT_EQ(sealed.previous_secret, record.previous_secret);
}

TEST(ImportTest, TakesTheLeastAndTheMost) {
    EXPECT_EQ(problem_of(R"({"name":"a","sections":["payments"]})"), "");
    EXPECT_EQ(problem_of(R"({"name":"a","sections":["payments"],"permissions":"read-only",)"
                         R"("api_key":"old-key-1","api_secret":"old:secret","public_key":null,)"
                         R"("account":null,"expires_at":null,"rate":null})"),
              "");
}

struct BadLine {
    const char* line;
    const char* message;
};

TEST(ImportTest, SaysWhatIsWrongWithALine) {
    const BadLine cases[] = {
        {"{", "not a JSON object"},
        {"[]", "not a JSON object"},
        {R"({"name":"a","sections":["payments"]} x)", "not a JSON object"},
        {R"({"sections":["payments"]})", "name: is required"},
        {R"({"name":"a"})", "sections: is required"},
        {R"({"name":1,"sections":["payments"]})", "name: must be a string"},
        {R"({"name":"a","name":"b","sections":["payments"]})", "name: stands twice"},
        {R"({"name":"a","sections":["payments"],"colour":1})", "unknown key colour"},
        {R"({"name":"a","sections":"payments"})", "sections: must be an array of strings"},
        {R"({"name":"a","sections":["payment"]})", "sections: no section payment; there are"},
        {R"({"name":"a","sections":["payments"],"permissions":"write"})", "must be read-only or"},
        {R"({"name":"a","sections":["payments"],"status":"on"})", "must be live or disabled"},
        {R"({"name":"a","sections":["payments"],"environment":"x"})", "must be live or test"},
        {R"({"name":"a","sections":["payments"],"expires_at":"soon"})", "RFC 3339"},
        {R"({"name":"a","sections":["payments"],"allowed_ips":["1.2.3"]})", "1.2.3 is no address"},
        {R"({"name":"a","sections":["payments"],"rate":{"burst":1}})", "needs requests_per_second"},
        {R"({"name":"a","sections":["payments"],"rate":{"rps":1}})", "unknown or repeated key"},
        {R"({"name":"a","sections":["payments"],"rate":{"requests_per_second":-1}})",
         "whole number"},
        {R"({"name":"a","sections":["payments"],"debug":1})", "debug: must be true or false"},
        {R"({"name":"a","sections":["payments"],"status":null})", "must be live or disabled"},
        {R"({"name":"a","sections":["payments"],"api_key":"old-key-1"})", "bring both or none"},
        {R"({"name":"a","sections":["payments"],"api_key":"k:y-with-colon","api_secret":"12345678"})",
         "without a colon"},
        {R"({"name":"a","sections":["payments"],"api_key":"short","api_secret":"12345678"})",
         "8-255 visible"},
        {R"({"name":"a","sections":["payments"],"public_key":"old-key-1"})", "needs api_key"},
        {R"({"name":"a","sections":["payments"],"id":"tok_1"})", "only be kept with sealed"},
        {R"({"name":"a","sections":["payments"],"sealed":{"key":"AAAA"}})",
         "key must be the base64"},
        {R"({"name":"a","sections":["payments"],"sealed":{"colour":1}})", "unknown key"},
    };
    for (const BadLine& c : cases) EXPECT_THAT(problem_of(c.line), HasSubstr(c.message)) << c.line;
}

TEST(ImportTest, ReportsEveryProblemWithItsLine) {
    const auth::SectionCatalogue sections = names();
    ImportParser parser(sections);
    parser.add_line(R"({"name":"a","sections":["payments"]})");
    parser.add_line("");
    parser.add_line(R"({"colour":1})");
    parser.add_line("nonsense\r");
    ASSERT_EQ(parser.problems().size(), 4U);
    EXPECT_EQ(parser.problems()[0].line, 3U);
    EXPECT_EQ(parser.problems()[2].line, 3U);
    EXPECT_EQ(parser.problems()[3].line, 4U);
    EXPECT_EQ(parser.line_of(0), 1U);
}

TEST(ImportTest, FindsAKeyThatStandsTwice) {
    const auth::SectionCatalogue sections = names();
    ImportParser parser(sections);
    const char* line =
        R"({"name":"a","sections":["payments"],"api_key":"old-key-1","api_secret":"12345678"})";
    parser.add_line(line);
    parser.add_line(line);
    ASSERT_EQ(parser.problems().size(), 1U);
    EXPECT_EQ(parser.problems()[0].line, 2U);
    EXPECT_THAT(parser.problems()[0].message, HasSubstr("api_key: stands on an earlier line"));
}

TEST(ImportTest, NeverRepeatsASecretInAMessage) {
    for (
        const char* line :
        {R"({"name":"a","sections":["payments"],"api_secret":"PLANTED1"})",
         R"({"name":"a","sections":["payments"],"api_key":"old-key-1","api_secret":"PLANTED1\u0001"})",
         R"({"name":"a","sections":["payments"],"api_secret":["PLANTED1"]})",
         R"({"name":"a","api_secret":"PLANTED1")"}) {
        const auth::SectionCatalogue sections = names();
        ImportParser parser(sections);
        parser.add_line(line);
        ASSERT_FALSE(parser.problems().empty()) << line;
        for (const ImportProblem& problem : parser.problems()) {
            EXPECT_THAT(problem.message, Not(HasSubstr("PLANTED1")));
        }
    }
}

TEST(ImportTest, BoundsLinesAndProblems) {
    const auth::SectionCatalogue sections = names();
    ImportParser parser(sections);
    EXPECT_TRUE(parser.add_line(std::string(kMaxImportLineBytes + 1, ' ') + "x"));
    ASSERT_EQ(parser.problems().size(), 1U);
    EXPECT_THAT(parser.problems()[0].message, HasSubstr("64 KiB"));
    std::size_t lines = 1;
    while (parser.add_line("x")) ++lines;
    EXPECT_EQ(parser.problems().size(), kMaxImportProblems);
    EXPECT_LT(lines, kMaxImportProblems + 1);
}

}  // namespace
}  // namespace kwikgate::gateway::cli
