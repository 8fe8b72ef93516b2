#include "tests/gateway/net/stream_fixture.hpp"

namespace kwikgate::gateway::net {
namespace {

TEST_P(StreamTest, TellsThatThereIsSomethingToReadToOneThatWaits) {
    Side& side = make_side();
    side.connect();
    std::string read;
    side.when_readable = [&] {  // It may be told once too often, as by any epoll.
        read += side.read_all();
        if (read.empty()) side.stream.wait_readable();
    };
    side.stream.wait_readable();
    run_a_little();
    EXPECT_EQ(read, "");
    side.peer_says("hello");
    run_until([&] { return !read.empty(); });
    EXPECT_EQ(read, "hello");
    EXPECT_EQ(side.last, IoStatus::would_block);
    const int told = side.readable;
    side.peer_says("more");
    run_a_little();
    EXPECT_EQ(side.readable, told) << "nobody waited";
    side.stream.wait_readable();
    run_until([&] { return side.readable == told + 1; });
    EXPECT_EQ(read, "hellomore");
}

TEST_P(StreamTest, LosesNothingOfALongMessageReadInSmallPieces) {
    Side& side = make_side();
    side.connect();
    std::string sent;
    for (int i = 0; sent.size() < 40'000; ++i) sent += std::to_string(i) + ",";
    std::string read;
    side.when_readable = [&] {
        char bytes[700];
        for (;;) {
            const IoResult result = side.stream.read(bytes);
            if (result.status != IoStatus::done) break;
            read.append(bytes, result.bytes);
        }
        side.stream.wait_readable();
    };
    side.stream.wait_readable();
    side.peer_says(sent);
    run_until([&] { return read.size() == sent.size(); });
    EXPECT_EQ(read, sent);
}

TEST_P(StreamTest, TellsAtOnceWhatWasLeftUnread) {
    Side& side = make_side();
    side.connect();
    side.stream.wait_readable();
    side.peer_says("0123456789");
    run_until([&] { return side.readable == 1; });
    char bytes[4];
    ASSERT_EQ(side.stream.read(bytes).bytes, 4U);
    side.stream.wait_readable();  // The read filled its buffer: no new event would come.
    run_until([&] { return side.readable == 2; });
    EXPECT_EQ(side.read_all(), "456789");
}

TEST_P(StreamTest, PeeksWithoutTaking) {
    Side& side = make_side();
    side.connect();
    EXPECT_TRUE(side.stream.is_quiet());
    side.stream.wait_readable();
    side.peer_says("x");
    EXPECT_EQ(side.stream.peek(), IoStatus::done);
    run_until([&] { return side.readable == 1; });
    EXPECT_EQ(side.stream.peek(), IoStatus::done);
    side.stream.leave_unread();
    side.stream.wait_readable();
    run_until([&] { return side.readable == 2; });
    EXPECT_EQ(side.read_all(), "x");
    EXPECT_TRUE(side.stream.is_quiet());
    side.close_peer();
    EXPECT_EQ(side.stream.peek(), IoStatus::closed);
}

TEST_P(StreamTest, YieldsToOthersAndComesBack) {
    Side& side = make_side();
    side.connect();
    side.stream.yield();
    side.stream.yield();
    run_until([&] { return side.readable != 0; });
    run_a_little();
    EXPECT_EQ(side.readable, 1);
    EXPECT_EQ(side.read_all(), "");
}

TEST_P(StreamTest, YieldsToOthersAlsoWhileAWaitIsPending) {
    Side& side = make_side();
    side.connect();
    side.when_readable = [&] { side.read_all(); };
    side.stream.wait_readable();
    run_a_little();  // The first wait may end at once.
    const int before = side.readable;
    side.stream.wait_readable();
    side.stream.yield();
    run_until([&] { return side.readable != before; });
    EXPECT_GT(side.readable, before);
}

TEST_P(StreamTest, SeesTheEndBehindTheLastBytes) {
    Side& side = make_side();
    side.connect();
    std::string read;
    side.when_readable = [&] {
        read += side.read_all();
        if (side.last == IoStatus::would_block) side.stream.wait_readable();
    };
    side.stream.wait_readable();
    run_a_little();
    side.peer_says("bye");
    side.close_peer();
    run_until([&] { return side.last == IoStatus::closed; });
    EXPECT_EQ(read, "bye");
    EXPECT_EQ(side.last, IoStatus::closed);
    EXPECT_EQ(side.read_all(), "");
    EXPECT_EQ(side.last, IoStatus::closed) << "the end stays";
}

TEST_P(StreamTest, IsReleasedOnceAfterACloseAndTellsNothingMore) {
    Side& side = make_side();
    side.connect();
    side.stream.wait_readable();
    run_a_little();
    const int told = side.readable;
    side.peer_says("too late");
    side.stream.close();
    run_until([&] { return side.released != 0; });
    run_a_little();
    EXPECT_EQ(side.released, 1);
    EXPECT_EQ(side.readable, told);
    EXPECT_TRUE(side.stream.is_released());
}

TEST_P(StreamTest, IsReleasedAtOnceWhenNothingWasPending) {
    Side& side = make_side();
    side.connect();
    side.stream.close();
    EXPECT_EQ(side.released, 1);
}

TEST_P(StreamTest, ServesAnotherDescriptorAfterwards) {
    Side& side = make_side();
    for (int round = 0; round < 3; ++round) {
        side.connect();
        side.stream.wait_readable();
        side.peer_says("again");
        run_until([&] { return side.readable == round + 1; });
        EXPECT_EQ(side.read_all(), "again");
        EXPECT_EQ(side.write("answer").status, IoStatus::done);
        std::string heard;
        run_until([&] { return !(heard += side.peer_hears()).empty(); });
        EXPECT_EQ(heard, "answer");
        side.stream.close();
        run_until([&] { return side.released == round + 1; });
        side.close_peer();
    }
}

TEST_P(StreamTest, ServesMoreStreamsAtOnceThanARingHasBuffers) {
    constexpr int kStreams = 700;
    for (int i = 0; i < kStreams; ++i) {
        Side& side = make_side();
        side.connect();
        side.stream.wait_readable();
    }
    run_a_little();
    for (int i = 0; i < kStreams; ++i)
        sides_[static_cast<std::size_t>(i)]->peer_says(std::to_string(i));
    const auto have_all = [&] {
        return std::all_of(sides_.begin(), sides_.end(),
                           [](const auto& side) { return side->readable != 0; });
    };
    run_until(have_all);
    EXPECT_TRUE(have_all());  // None has read yet: a ring's buffers are all in use.
    for (int i = 0; i < kStreams; ++i)
        EXPECT_EQ(sides_[static_cast<std::size_t>(i)]->read_all(), std::to_string(i));
}

TEST_P(StreamTest, RunsWhatOtherThreadsPost) {
    Side& side = make_side();
    side.connect();
    side.stream.wait_readable();
    bool has_run = false;
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        boost::asio::post(context_, [&] { has_run = true; });
    });
    run_until([&] { return has_run; });
    other.join();
    EXPECT_TRUE(has_run);
}

TEST_P(StreamTest, ServesTheNextStreamAfterTheLastOneIsGone) {
    for (int i = 0; i < 3; ++i) {
        Side& side = make_side();
        side.connect();
        std::string read;
        side.when_readable = [&] {
            read += side.read_all();
            side.stream.wait_readable();
        };
        side.stream.wait_readable();
        run_a_little();
        side.peer_says("hello");
        run_until([&] { return read == "hello"; });
        EXPECT_EQ(read, "hello");
        side.when_readable = nullptr;
        side.stream.close();
        run_until([&] { return side.released == 1; });
        EXPECT_EQ(side.released, 1);
        bool has_run = false;
        std::thread other([&] { boost::asio::post(context_, [&] { has_run = true; }); });
        run_until([&] { return has_run; });
        other.join();
        EXPECT_TRUE(has_run);
    }
}

INSTANTIATE_TEST_SUITE_P(Backends, StreamTest, ::testing::ValuesIn(kThroughAll), name_of);

}  // namespace
}  // namespace kwikgate::gateway::net
