#include "gateway/telemetry/debug_capture.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "auth/ip_rules.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::gateway {
namespace {

class DebugCaptureTest : public testing::Test {
  protected:
    std::string open(std::uint32_t per_minute, std::size_t max_bytes = 65536) {
        DebugCaptureConfig config;
        config.file = file_;
        config.per_minute = per_minute;
        config.max_bytes = max_bytes;
        std::string error = capture_.prepare(config);
        if (error.empty()) capture_.switch_over();
        return error;
    }
    void submit(const std::string& id, const std::string& head = "sent") {
        CaptureEntry entry;
        entry.request_id = id;
        entry.head = head;
        capture_.submit(entry);
    }
    void run_later() {
        for (const auto& work : later_) work();
        later_.clear();
    }
    bool take_turn(auth::Timestamp now, const char* client = "192.0.2.1") {
        return capture_.take_turn(now, *auth::parse_ip(client));
    }
    std::string written() const { return tests::read_file(file_); }
    static auth::Timestamp at(int seconds) {
        return auth::Timestamp(std::chrono::seconds(seconds));
    }

    tests::TemporaryDirectory directory_;
    std::string file_ = (directory_.path() / "captured").string();
    std::vector<std::function<void()>> later_;
    DebugCapture capture_{[this](auto work) { later_.push_back(std::move(work)); },
                          [](std::string_view sent, CaptureEntry& entry) {
                              entry.head = std::string(sent.size(), '*');
                          }};
};

TEST_F(DebugCaptureTest, IsOffUntilItHasAFile) {
    EXPECT_FALSE(capture_.is_on());
    EXPECT_FALSE(take_turn(at(0)));
    ASSERT_EQ(open(1), "");
    EXPECT_TRUE(capture_.is_on());
    ASSERT_EQ(capture_.prepare({}), "");
    EXPECT_TRUE(capture_.is_on()) << "nothing changes before the switch";
    capture_.switch_over();
    EXPECT_FALSE(capture_.is_on());
}

TEST_F(DebugCaptureTest, GivesSoManyTurnsAMinute) {
    ASSERT_EQ(open(2), "");
    EXPECT_TRUE(take_turn(at(60), "192.0.2.1"));
    EXPECT_TRUE(take_turn(at(119), "192.0.2.2"));
    EXPECT_FALSE(take_turn(at(119), "192.0.2.3"));
    EXPECT_TRUE(take_turn(at(120), "192.0.2.3"));
}

TEST_F(DebugCaptureTest, GivesOneClientHalfOfThem) {
    ASSERT_EQ(open(7), "");
    int taken = 0;
    // An IPv6 client has a /64.
    for (int i = 0; i < 100; ++i)
        taken += take_turn(at(60), ("2001:db8::" + std::to_string(i)).c_str()) ? 1 : 0;
    EXPECT_EQ(taken, 4);
    for (int i = 0; i < 100; ++i) taken += take_turn(at(60), "2001:db8:0:1::1") ? 1 : 0;
    EXPECT_EQ(taken, 7) << "what is left is another's";
    EXPECT_TRUE(take_turn(at(120), "2001:db8::1"));
}

TEST_F(DebugCaptureTest, WritesLaterAndOnlyWhatWasRedacted) {
    ASSERT_EQ(open(10), "");
    submit("one", "secret");
    EXPECT_EQ(written(), "");
    run_later();
    EXPECT_EQ(written().find("secret"), std::string::npos);
    const auto entry = find_capture(written(), "one");
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->head, "******");
}

TEST_F(DebugCaptureTest, TakesNoMoreWhileTooManyWait) {
    ASSERT_EQ(open(6000), "");
    int taken = 0;
    for (; take_turn(at(0)) && taken < 1000; ++taken) submit("x");
    EXPECT_EQ(taken, 64);
    run_later();
    EXPECT_TRUE(take_turn(at(0)));
}

TEST_F(DebugCaptureTest, NeverMakesTheFileLongerThanItMayBe) {
    ASSERT_EQ(open(6000, 2000), "");
    for (int i = 0; i < 100; ++i) submit("x", std::string(100, 'h'));
    run_later();
    const std::size_t size = written().size();
    EXPECT_LE(size, 2000U);
    EXPECT_GT(size, 1000U);
    ASSERT_EQ(open(6000, 2000), "");
    submit("y", std::string(1900, 'h'));
    run_later();
    EXPECT_EQ(written().size(), size) << "what was there before counts";
}

TEST(CaptureEntryTest, TheLastEntryOfAnIdIsFoundAmongOthersAndPieces) {
    CaptureEntry entry;
    entry.at = auth::Timestamp(std::chrono::milliseconds(1'700'000'000'123));
    entry.request_id = "a";
    entry.listener = "public";
    entry.peer = "192.0.2.1";
    entry.status = 401;
    entry.reason = "credential_invalid";
    entry.phase = "authenticate";
    entry.token = "tok_1";
    entry.head = "GET / HTTP/1.1\r\nX: \"\xe2\x80\xa6\\\r\n\r\n";
    entry.body_digest = "sha-256=:AA==:";
    entry.left_out = 3;
    CaptureEntry first = entry;
    first.head = "other";
    CaptureEntry other = entry;
    other.request_id = "ab";
    const std::string lines =
        capture_line(first) + capture_line(entry) + capture_line(other) + "{\"request_id\":\"a\"";
    const auto found = find_capture(lines, "a");
    ASSERT_TRUE(found);
    EXPECT_EQ(capture_line(*found), capture_line(entry));
    EXPECT_EQ(found->head, entry.head);
    EXPECT_FALSE(find_capture(lines, "b"));
    EXPECT_FALSE(find_capture("", "a"));
    EXPECT_FALSE(find_capture("\n\nnonsense\n", "a"));
}

}  // namespace
}  // namespace kwikgate::gateway
