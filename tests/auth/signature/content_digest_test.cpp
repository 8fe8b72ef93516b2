#include "auth/signature/content_digest.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::auth {
namespace {

// RFC 9530, appendix B: {"hello": "world"} and a line feed.
constexpr std::string_view kBody = "{\"hello\": \"world\"}\n";
constexpr const char* kSha256 = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
constexpr const char* kSha512 =
    "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/"
    "WkppmM44T3qg==:";

DigestFieldState read(const std::vector<std::string>& lines, DigestSet& out) {
    OwnedRequest request;
    for (const std::string& line : lines) request.fields.emplace_back("Content-Digest", line);
    return read_content_digest(request.view(), out);
}

bool matches(const DigestSet& digests, std::string_view body, std::size_t piece) {
    ContentDigest digest;
    digest.start(digests);
    for (std::size_t at = 0; at < body.size(); at += piece) digest.update(body.substr(at, piece));
    return digest.finish();
}

TEST(ContentDigest, MatchesTheBodyOfTheRfcInPiecesOfAnySize) {
    for (const auto& lines : {std::vector<std::string>{kSha256},
                              {kSha512},
                              {kSha256, kSha512},
                              {std::string(kSha512) + ", " + kSha256},
                              {"md5=:AAAA:", kSha256}}) {
        DigestSet digests;
        ASSERT_EQ(read(lines, digests), DigestFieldState::usable) << lines[0];
        for (const std::size_t piece : {1U, 3U, 100U}) {
            EXPECT_TRUE(matches(digests, kBody, piece));
            EXPECT_FALSE(matches(digests, kBody.substr(1), piece));
            EXPECT_FALSE(matches(digests, "", piece));
        }
    }
}

TEST(ContentDigest, MustMatchByEveryAlgorithmThatCounts) {
    DigestSet digests;
    ASSERT_EQ(read({kSha256, kSha512}, digests), DigestFieldState::usable);
    DigestSet one_wrong = digests;
    one_wrong.sha512[63] ^= 1;
    EXPECT_FALSE(matches(one_wrong, kBody, 100));
    one_wrong = digests;
    one_wrong.sha256[0] ^= 0x80;
    EXPECT_FALSE(matches(one_wrong, kBody, 100));
    EXPECT_TRUE(matches(digests, kBody, 100));
}

TEST(ContentDigest, NeverMatchesWithoutADigest) {
    ContentDigest digest;
    digest.start(DigestSet{});
    digest.update(std::string_view("x"));
    EXPECT_FALSE(digest.finish());
    DigestSet digests;
    ASSERT_EQ(read({kSha256}, digests), DigestFieldState::usable);
    digest.start(digests);
    digest.update(kBody);
    EXPECT_TRUE(digest.finish());
    EXPECT_FALSE(digest.finish()) << "once per start";
    digest.start(digests);
    digest.update(kBody);
    EXPECT_TRUE(digest.finish()) << "usable again";
}

TEST(ContentDigest, ReadsOnlyWellFormedFields) {
    struct Row {
        std::vector<std::string> lines;
        DigestFieldState state;
    };
    const Row rows[] = {
        {{}, DigestFieldState::absent},
        {{"md5=:AAAA:"}, DigestFieldState::none_known},
        {{""}, DigestFieldState::none_known},
        {{"SHA-256=:AAAA:"}, DigestFieldState::malformed},
        {{"sha-256=:AAAA:"}, DigestFieldState::malformed},
        {{"sha-256"}, DigestFieldState::malformed},
        {{"sha-256=\"x\""}, DigestFieldState::malformed},
        {{"sha-256=(:AAAA:)"}, DigestFieldState::malformed},
        {{"md5=1"}, DigestFieldState::malformed},
        {{std::string(kSha256) + ","}, DigestFieldState::malformed},
        {{kSha256, kSha256}, DigestFieldState::malformed},
        {{kSha256, "x y"}, DigestFieldState::malformed},
        {{std::string(kSha256) + ";p=1"}, DigestFieldState::usable},
    };
    for (const Row& row : rows) {
        DigestSet digests;
        EXPECT_EQ(read(row.lines, digests), row.state) << (row.lines.empty() ? "" : row.lines[0]);
    }
}

TEST(ContentDigest, WritesWhatItReads) {
    EXPECT_EQ(content_digest_field(kBody), kSha256);
}

}  // namespace
}  // namespace kwikgate::auth
