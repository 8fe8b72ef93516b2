#include "bench/load/answer_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kwikgate::bench {
namespace {

using Status = AnswerReader::Status;

constexpr std::string_view kRefusal =
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 45\r\n\r\n"
    R"({"status":false,"reason":"nonce_replayed"}   )";
constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

TEST(AnswerReader, ReadsAnAnswerWhereverItIsCut) {
    for (const std::string_view whole : {kRefusal, kChunked}) {
        for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
            AnswerReader reader;
            std::string_view first = whole.substr(0, cut);
            std::string_view second = whole.substr(cut);
            if (cut != 0 && cut != whole.size()) {
                ASSERT_EQ(reader.feed(first), Status::need_more) << cut;
                ASSERT_TRUE(first.empty());
            } else if (second.empty()) {
                second = whole;
            }
            ASSERT_EQ(reader.feed(second), Status::complete) << cut;
            EXPECT_TRUE(second.empty());
            EXPECT_EQ(reader.status(), whole == kRefusal ? 401U : 200U);
            EXPECT_EQ(reader.reason(), whole == kRefusal ? "nonce_replayed" : "");
        }
    }
}

TEST(AnswerReader, LeavesWhatBelongsToTheNextAnswer) {
    AnswerReader reader;
    const std::string both = std::string(kChunked) + std::string(kRefusal);
    std::string_view input = both;
    ASSERT_EQ(reader.feed(input), Status::complete);
    EXPECT_EQ(input, kRefusal);
    reader.reset();
    ASSERT_EQ(reader.feed(input), Status::complete);
    EXPECT_EQ(reader.reason(), "nonce_replayed");
}

TEST(AnswerReader, SkipsInterimAnswers) {
    AnswerReader reader;
    const std::string both = "HTTP/1.1 100 Continue\r\n\r\n" + std::string(kRefusal);
    std::string_view input = both;
    ASSERT_EQ(reader.feed(input), Status::complete);
    EXPECT_EQ(reader.status(), 401U);
}

TEST(AnswerReader, CallsNonsenseBroken) {
    AnswerReader reader;
    std::string_view input = "HTTP/9.9 what\r\n\r\n";
    EXPECT_EQ(reader.feed(input), Status::broken);
}

}  // namespace
}  // namespace kwikgate::bench
