#include <random>

#include "tests/gateway/net/stream_fixture.hpp"

namespace kwikgate::gateway::net {
namespace {

class StreamReadTest : public StreamTest {
  protected:
    /// So many small messages that a ring leaves the stream's receive armed.
    void exchange_small_messages(Side& side) {
        std::string read;
        side.when_readable = [&] {
            read += side.read_all();
            side.stream.wait_readable();
        };
        side.stream.wait_readable();
        for (int i = 0; i < 3 * Ring::kSmallBeforeRepeating; ++i) {
            side.peer_says("small");
            run_until([&] { return !read.empty(); });
            ASSERT_EQ(read, "small");
            read.clear();
        }
    }
};

TEST_P(StreamReadTest, TellsNothingToOneThatDoesNotWait) {
    Side& side = make_side();
    side.connect();
    exchange_small_messages(side);
    side.when_readable = nullptr;  // The next telling ends the wait.
    side.peer_says("first");
    run_until([told = side.readable, &side] { return side.readable != told; });
    const int told = side.readable;
    side.peer_says("second");
    run_a_little();
    EXPECT_EQ(side.readable, told);
    EXPECT_EQ(side.stream.peek(), IoStatus::done);
    EXPECT_EQ(side.read_all(), "firstsecond");
}

TEST_P(StreamReadTest, HoldsUpASenderWhomNobodyReads) {
    Side& side = make_side();
    Side& other = make_side();
    side.connect();
    other.connect();
    exchange_small_messages(side);
    exchange_small_messages(other);
    side.when_readable = nullptr;
    const std::string piece(1000, 'x');
    const auto send = [&] {
        std::size_t sent = 0;
        while (::send(side.peer, piece.data(), piece.size(), MSG_NOSIGNAL) > 0)
            sent += piece.size();
        return sent;
    };
    std::size_t sent = send();
    const std::size_t fits = sent;
    for (int i = 0; i < 20; ++i) {
        run_until([] { return false; }, std::chrono::milliseconds(3));
        sent += send();
    }
    // A socket's buffer once more, and what a ring's receive took before it was stopped.
    EXPECT_LT(sent, 2 * fits + 256 * 1024);

    std::string heard;
    other.when_readable = [&] { heard += other.read_all(); };
    other.peer_says("meanwhile");
    run_until([&] { return !heard.empty(); });
    EXPECT_EQ(heard, "meanwhile");

    side.stream.leave_unread();
    std::size_t read = 0;
    side.when_readable = [&] {
        read += side.read_all().size();
        side.stream.wait_readable();
    };
    side.stream.wait_readable();
    run_until([&] { return read >= sent; });
    EXPECT_EQ(read, sent);
}

TEST_P(StreamReadTest, SeesTheEndBehindWhatNobodyReadInTime) {
    Side& side = make_side();
    side.connect();
    exchange_small_messages(side);
    side.when_readable = nullptr;
    for (const char* text : {"one,", "two,", "three"}) {
        side.peer_says(text);
        run_a_little();
    }
    side.close_peer();
    run_a_little();
    EXPECT_EQ(side.stream.peek(), IoStatus::done);
    std::string read = side.read_all();
    side.when_readable = [&] { read += side.read_all(); };
    side.stream.wait_readable();
    run_until([&] { return side.last == IoStatus::closed; });
    EXPECT_EQ(read, "one,two,three");
    EXPECT_EQ(side.last, IoStatus::closed);
}

/// The reset is there before the loop runs: it brings no event of its own.
TEST_P(StreamReadTest, SeesAResetBehindTheLastBytes) {
    for (int round = 0; round < 20; ++round) {
        Side& side = make_side();
        side.connect_over_tcp();
        const bool is_waiting = round % 2 == 0;
        if (is_waiting) exchange_small_messages(side);
        std::string read;
        side.when_readable = [&] {
            read += side.read_all();
            if (side.last == IoStatus::would_block) side.stream.wait_readable();
        };
        side.peer_says("bye");
        side.reset_peer();
        if (!is_waiting) side.stream.wait_readable();
        const auto has_ended = [&] {
            return side.last == IoStatus::failed || side.last == IoStatus::closed;
        };
        run_until(has_ended);
        ASSERT_TRUE(has_ended());
        ASSERT_EQ(side.last, IoStatus::failed) << "what came is not whole";
        EXPECT_EQ(read, "bye");
    }
}

TEST_P(StreamReadTest, IsReleasedOnceWithBytesUnreadAndMoreComing) {
    for (int round = 0; round < 50; ++round) {
        Side& side = make_side();
        side.connect();
        exchange_small_messages(side);
        side.when_readable = nullptr;
        for (int i = 0; i < round % 4; ++i) {
            side.peer_says("unread");
            run_until([] { return false; }, std::chrono::milliseconds(2));
        }
        const int told = side.readable;
        side.stream.close();
        EXPECT_EQ(::send(side.peer, "late", 4, MSG_NOSIGNAL) > 0 || errno == EPIPE, true);
        run_until([&] { return side.released != 0; });
        EXPECT_EQ(side.released, 1);
        EXPECT_EQ(side.readable, told);
    }
}

/// Messages of all sizes, read in pieces of all sizes, with pauses in which nobody reads.
TEST_P(StreamReadTest, LosesAndReordersNothing) {
    constexpr std::size_t kBytes = 3'000'000;
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same messages each time
    const auto up_to = [&](std::size_t most) { return random() % most + 1; };
    Side& side = make_side();
    side.connect();
    std::string sent;
    while (sent.size() < kBytes) sent += std::to_string(sent.size()) + ",";
    std::size_t said = 0;
    std::string read;
    std::string bytes(20'000, '\0');
    side.when_readable = [&] {
        for (std::size_t i = up_to(4); i > 0; --i) {
            const IoResult result = side.stream.read({bytes.data(), up_to(bytes.size())});
            if (result.status != IoStatus::done) break;
            read.append(bytes, 0, result.bytes);
        }
        if (up_to(10) == 1) return;
        side.stream.wait_readable();
    };
    run_until(
        [&] {
            // Mostly small ones, one at a time, as a client sends that waits for its answers.
            const bool is_answered = read.size() == said;
            if (said < sent.size() && (is_answered || up_to(20) == 1)) {
                const std::size_t size = up_to(30) == 1 ? up_to(100'000) : up_to(1'500);
                const ssize_t n = ::send(side.peer, sent.data() + said,
                                         std::min(size, sent.size() - said), MSG_NOSIGNAL);
                if (n > 0) said += static_cast<std::size_t>(n);
            }
            side.stream.wait_readable();
            return read.size() == sent.size();
        },
        std::chrono::seconds(60));
    EXPECT_EQ(read.size(), sent.size());
    EXPECT_TRUE(read == sent);
}

INSTANTIATE_TEST_SUITE_P(Backends, StreamReadTest, ::testing::ValuesIn(kThroughAll), name_of);

}  // namespace
}  // namespace kwikgate::gateway::net
