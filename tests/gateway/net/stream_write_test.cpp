#include "tests/gateway/net/stream_fixture.hpp"

namespace kwikgate::gateway::net {
namespace {

class StreamWriteTest : public StreamTest {};

TEST_P(StreamWriteTest, SendsSmallWritesInOrder) {
    Side& side = make_side();
    side.connect();
    std::string sent;
    for (int i = 0; i < 50; ++i) {
        const std::string part = "message " + std::to_string(i) + "\n";
        const IoResult result = side.write(part);
        ASSERT_EQ(result.status, IoStatus::done);
        ASSERT_EQ(result.bytes, part.size());
        sent += part;
    }
    std::string heard;
    run_until([&] { return (heard += side.peer_hears()).size() == sent.size(); });
    EXPECT_EQ(heard, sent);
}

TEST_P(StreamWriteTest, KeepsTheOrderOfSmallAndLargeWritesUnderBackPressure) {
    Side& side = make_side();
    side.connect();
    std::string wanted;
    for (int i = 0; i < 40; ++i)
        wanted += std::string(i % 2 == 0 ? 300 : 50'000, static_cast<char>('a' + i % 26));
    std::size_t written = 0;
    int part = 0;
    std::string_view left;
    const auto write_on = [&] {
        for (;;) {
            if (left.empty()) {
                if (written == wanted.size()) return;
                left = std::string_view(wanted).substr(written, part++ % 2 == 0 ? 300 : 50'000);
            }
            const IoResult result = side.write(left);
            if (result.status == IoStatus::would_block) {
                side.stream.wait_writable();
                return;
            }
            ASSERT_EQ(result.status, IoStatus::done);
            written += result.bytes;
            left.remove_prefix(result.bytes);
        }
    };
    side.when_writable = write_on;
    write_on();
    std::string heard;
    run_until([&] { return (heard += side.peer_hears()).size() == wanted.size(); });
    EXPECT_EQ(heard, wanted);
    EXPECT_GT(side.writable, 0);
}

TEST_P(StreamWriteTest, DeliversWhatWasWrittenBeforeTheEnd) {
    Side& side = make_side();
    side.connect();
    ASSERT_EQ(side.write("last words").status, IoStatus::done);
    side.stream.shutdown_write();
    std::string heard;
    run_until([&] { return (heard += side.peer_hears()).find("<end>") != std::string::npos; });
    EXPECT_EQ(heard, "last words<end>");
}

TEST_P(StreamWriteTest, DeliversWhatWasWrittenBeforeAClose) {
    Side& side = make_side();
    side.connect();
    side.stream.wait_readable();
    run_a_little();
    ASSERT_EQ(side.write("last words").status, IoStatus::done);
    side.stream.close();
    std::string heard;
    run_until([&] { return (heard += side.peer_hears()).find("<end>") != std::string::npos; });
    EXPECT_EQ(heard, "last words<end>");
}

TEST_P(StreamWriteTest, FailsWritesOnceThePeerIsGone) {
    Side& side = make_side();
    side.connect();
    side.close_peer();
    IoStatus status = IoStatus::done;
    run_until([&] { return (status = side.write("into the void").status) == IoStatus::failed; });
    EXPECT_EQ(status, IoStatus::failed);
}

TEST_P(StreamWriteTest, ReadsWhatCameBeforeAWriteFailed) {
    Side& side = make_side();
    side.connect();
    side.peer_says("413 too much");
    side.close_peer();
    run_until([&] { return side.write("body").status == IoStatus::failed; });
    std::string read;
    side.when_readable = [&] {
        read += side.read_all();
        if (side.last == IoStatus::would_block) side.stream.wait_readable();
    };
    side.stream.wait_readable();
    const auto has_ended = [&] {
        return side.last == IoStatus::closed || side.last == IoStatus::failed;
    };
    run_until(has_ended);
    EXPECT_TRUE(has_ended());
    EXPECT_EQ(read, "413 too much");
}

/// The socket tells of a reset once. Where the write is told, reads must fail all the same.
TEST_P(StreamWriteTest, LeavesAResetAResetForWhoReads) {
    for (int round = 0; round < 20; ++round) {
        Side& side = make_side();
        side.connect_over_tcp();
        std::string read;
        side.when_readable = [&] {
            read += side.read_all();
            if (side.last == IoStatus::would_block) side.stream.wait_readable();
        };
        const bool is_waiting = round % 2 == 0;
        if (is_waiting) {
            side.stream.wait_readable();
            run_a_little();
        }
        side.peer_says("half an ans");
        side.reset_peer();
        side.write("body");
        if (!is_waiting) side.stream.wait_readable();
        run_until([&] { return side.last == IoStatus::failed || side.last == IoStatus::closed; });
        ASSERT_EQ(side.last, IoStatus::failed) << "what came is not whole";
        EXPECT_EQ(read, "half an ans");
    }
}

/// A server that answers before it has the whole request, ends its side and takes no more.
TEST_P(StreamWriteTest, LeavesAnEndBeforeTheResetAnEnd) {
    Side& side = make_side();
    side.connect_over_tcp();
    side.peer_says("413 too much");
    ::shutdown(side.peer, SHUT_WR);
    side.reset_peer();
    side.write("body");
    std::string read;
    side.when_readable = [&] {
        read += side.read_all();
        if (side.last == IoStatus::would_block) side.stream.wait_readable();
    };
    side.stream.wait_readable();
    run_until([&] { return side.last == IoStatus::failed || side.last == IoStatus::closed; });
    EXPECT_EQ(side.last, IoStatus::closed);
    EXPECT_EQ(read, "413 too much");
}

INSTANTIATE_TEST_SUITE_P(Backends, StreamWriteTest, ::testing::ValuesIn(kThroughAll), name_of);

}  // namespace
}  // namespace kwikgate::gateway::net
