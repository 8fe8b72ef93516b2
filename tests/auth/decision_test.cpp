#include "auth/decision.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kwikgate::auth {
namespace {

struct DesignRow {
    std::string_view token;
    int status;
    std::string_view error_code;
};

/// The design's table, row by row, in the order of the enumerators.
constexpr DesignRow kDesign[] = {
    {"bad_request_line", 400, "G00"},     {"bad_header", 400, "G00"},
    {"bad_framing", 400, "G00"},          {"bad_host", 400, "G00"},
    {"target_ambiguous", 400, "G00"},     {"credential_ambiguous", 400, "G00"},
    {"duplicate_field", 400, "G00"},      {"body_invalid", 400, "002"},
    {"body_unexpected", 400, "G00"},      {"credential_missing", 401, "001"},
    {"credential_malformed", 401, "001"}, {"credential_invalid", 401, "001"},
    {"signature_expired", 401, "G01"},    {"signature_not_yet_valid", 401, "G01"},
    {"signature_uncovered", 401, "G01"},  {"digest_mismatch", 401, "G01"},
    {"nonce_missing", 401, "G01"},        {"nonce_replayed", 401, "G01"},
    {"token_disabled", 403, "G03"},       {"token_expired", 403, "G03"},
    {"scheme_not_allowed", 403, "G03"},   {"address_not_allowed", 403, "G03"},
    {"origin_not_allowed", 403, "G03"},   {"environment_not_allowed", 403, "G03"},
    {"section_not_granted", 403, "G04"},  {"write_not_granted", 403, "G05"},
    {"route_unknown", 404, "006"},        {"method_not_allowed", 405, "006"},
    {"request_timeout", 408, "G06"},      {"body_too_large", 413, "G06"},
    {"target_too_long", 414, "G06"},      {"content_type_unsupported", 415, "G06"},
    {"expectation_failed", 417, "G06"},   {"header_too_large", 431, "G06"},
    {"rate_limited", 429, "G07"},         {"concurrency_limited", 429, "G07"},
    {"nonce_limited", 429, "G07"},        {"address_limited", 429, "G07"},
    {"method_unsupported", 501, "G08"},   {"transfer_coding_unsupported", 501, "G08"},
    {"version_unsupported", 505, "G08"},  {"upstream_unreachable", 502, "G09"},
    {"upstream_reset", 502, "G09"},       {"upstream_malformed", 502, "G09"},
    {"upstream_timeout", 504, "G09"},     {"store_unavailable", 503, "G10"},
    {"overloaded", 503, "G10"},           {"draining", 503, "G10"},
    {"replay_table_full", 503, "G10"},    {"replay_state_lost", 503, "G10"},
    {"no_healthy_upstream", 503, "G10"},
};

TEST(DecisionTable, HoldsExactlyTheRowsOfTheDesign) {
    ASSERT_EQ(reason_table().size(), std::size(kDesign) + 1);
    for (std::size_t i = 0; i < std::size(kDesign); ++i) {
        const ReasonRow& entry = reason_table()[i + 1];
        EXPECT_EQ(entry.token, kDesign[i].token);
        EXPECT_EQ(entry.status, kDesign[i].status) << entry.token;
        EXPECT_EQ(entry.error_code, kDesign[i].error_code) << entry.token;
    }
}

TEST(DecisionTable, StandsInTheOrderOfTheEnumerators) {
    for (std::size_t i = 0; i < kReasonCount; ++i) {
        const auto reason = static_cast<Reason>(i);
        EXPECT_EQ(reason_table()[i].reason, reason);
        EXPECT_EQ(&row(reason), &reason_table()[i]);
    }
    EXPECT_EQ(row(Reason::draining).token, "draining");
    EXPECT_EQ(row(Reason::write_not_granted).token, "write_not_granted");
}

TEST(DecisionTable, TokensAreUniqueAndFound) {
    std::set<std::string_view> tokens;
    for (const ReasonRow& entry : reason_table()) {
        EXPECT_TRUE(tokens.insert(entry.token).second) << entry.token;
        EXPECT_EQ(reason_from_token(entry.token), entry.reason);
    }
    EXPECT_FALSE(reason_from_token("token_deleted"));
    EXPECT_FALSE(reason_from_token(""));
}

TEST(DecisionTable, FitsTheFieldsOfKwik) {
    for (const ReasonRow& entry : reason_table().subspan(1)) {
        EXPECT_EQ(entry.error_code.size(), 3U) << entry.token;
        EXPECT_LE(entry.message.size(), 32U) << entry.token;
        EXPECT_FALSE(entry.message.empty()) << entry.token;
        // Written into JSON as it is.
        EXPECT_EQ(entry.message.find_first_of("\"\\"), std::string_view::npos) << entry.token;
    }
    EXPECT_EQ(row(Reason::credential_invalid).message, "Invalid API key provided.");
}

TEST(DecisionTable, ChallengesEvery401AndNothingElse) {
    for (const ReasonRow& entry : reason_table())
        EXPECT_EQ(entry.challenges, entry.status == 401) << entry.token;
}

TEST(DecisionTable, NamesARetryTimeForEvery429And503) {
    for (const ReasonRow& entry : reason_table())
        EXPECT_EQ(entry.retry_after, entry.status == 429 || entry.status == 503) << entry.token;
}

TEST(DecisionTable, ClosesWhereTheMessageBoundaryIsInDoubt) {
    const std::set<std::string> expected = {"bad_request_line",    "bad_header",
                                            "bad_framing",         "bad_host",
                                            "target_ambiguous",    "duplicate_field",
                                            "request_timeout",     "body_too_large",
                                            "target_too_long",     "expectation_failed",
                                            "header_too_large",    "transfer_coding_unsupported",
                                            "version_unsupported", "draining",
                                            "body_unexpected"};
    std::set<std::string> closing;
    for (const ReasonRow& entry : reason_table())
        if (entry.closes_connection) closing.emplace(entry.token);
    EXPECT_EQ(closing, expected);
}

TEST(DecisionTable, CountsEveryFailedAttemptButNotAMissingOneOrOurOwnFailure) {
    for (const ReasonRow& entry : reason_table()) {
        const bool failed_attempt = entry.status == 401 && entry.token != "credential_missing";
        EXPECT_EQ(entry.counts_as_auth_failure, failed_attempt) << entry.token;
    }
}

TEST(Decision, IsAllowedOnlyWithoutAReason) {
    EXPECT_TRUE(Decision{}.allowed());
    for (const ReasonRow& entry : reason_table().subspan(1)) {
        const Decision refused = Decision::refuse(entry.reason, Phase::route);
        EXPECT_FALSE(refused.allowed()) << entry.token;
        EXPECT_EQ(refused.phase, Phase::route);
    }
}

TEST(Decision, RowOfNoReasonAtAllIsSafe) {
    EXPECT_EQ(row(static_cast<Reason>(255)).token, "none");
}

}  // namespace
}  // namespace kwikgate::auth
