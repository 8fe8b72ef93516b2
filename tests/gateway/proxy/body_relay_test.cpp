#include "gateway/proxy/body_relay.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <string>

namespace kwikgate::gateway::proxy {
namespace {

using http::BodyFraming;

struct NoEvents final : net::StreamEvents {
    void on_readable() override {}
    void on_writable() override {}
    void on_released() override {}
};

/// A relay between a buffer and a socket whose other end is read here.
class BodyRelayTest : public testing::Test {
  protected:
    void SetUp() override {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        ASSERT_TRUE(sink_.open(ends[0]));
        reader_ = ends[1];
        const int bytes = 4 << 20;
        ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    }
    void TearDown() override {
        sink_.close();
        ::close(reader_);
    }

    std::string arrived() {
        std::string all;
        char block[65536];
        ssize_t n = 0;
        while ((n = ::read(reader_, block, sizeof block)) > 0)
            all.append(block, static_cast<std::size_t>(n));
        return all;
    }
    net::Buffer filled(std::string_view text) {
        net::Buffer buffer = pool_.take();
        buffer.append(text);
        return buffer;
    }

    boost::asio::io_context context_;
    NoEvents events_;
    net::Stream sink_{context_, events_};
    net::BufferPool pool_{65536, 4};
    int reader_ = -1;
    BodyRelay relay_;
};

std::string crumbs(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text.append("1\r\n").append(1, static_cast<char>('a' + i % 26)).append("\r\n");
    return text;
}

std::string letters(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.push_back(static_cast<char>('a' + i % 26));
    return text;
}

TEST_F(BodyRelayTest, JoinsSmallChunksIntoOne) {
    relay_.start("HEAD\r\n\r\n", BodyFraming::chunked, 0, BodyFraming::chunked, 1 << 20);
    net::Buffer source = filled(crumbs(10000) + "0\r\n\r\n");
    EXPECT_EQ(relay_.pump(source, sink_), RelayStatus::complete);
    EXPECT_EQ(arrived(), "HEAD\r\n\r\n2710\r\n" + letters(10000) + "\r\n0\r\n\r\n");
    EXPECT_TRUE(source.empty());
}

TEST_F(BodyRelayTest, KeepsLargeChunksApartAndInOrder) {
    const std::string large = letters(3000);
    const std::string framed = "bb8\r\n" + large + "\r\n";
    relay_.start("", BodyFraming::chunked, 0, BodyFraming::chunked, 1 << 20);
    std::string input;
    std::string body;
    for (int i = 0; i < 12; ++i) {
        input += framed + "1\r\n-\r\n";
        body += large + "-";
    }
    net::Buffer source = filled(input + "0\r\n\r\n");
    EXPECT_EQ(relay_.pump(source, sink_), RelayStatus::complete);
    EXPECT_EQ(relay_.body_bytes(), body.size());
    const std::string wire = arrived();
    std::string got;
    http::ChunkedDecoder decoder;
    for (std::size_t at = 0; at < wire.size();) {
        const http::ChunkStep step = decoder.step(std::string_view(wire).substr(at));
        ASSERT_NE(step.status, http::ChunkStatus::refused);
        got.append(step.data);
        at += step.consumed;
    }
    EXPECT_EQ(got, body);
}

TEST_F(BodyRelayTest, TakesChunksThatAreSplitAnywhere) {
    const std::string input = crumbs(300) + "0\r\n\r\n";
    for (std::size_t at = 0; at <= input.size(); at += 7) {
        relay_.start("", BodyFraming::chunked, 0, BodyFraming::until_close, 1 << 20);
        net::Buffer source = filled(input.substr(0, at));
        const RelayStatus first = relay_.pump(source, sink_);
        if (at < input.size()) {
            ASSERT_EQ(first, RelayStatus::need_input);
            source.append(input.substr(at));
            ASSERT_EQ(relay_.pump(source, sink_), RelayStatus::complete);
        }
        ASSERT_EQ(arrived(), letters(300));
    }
}

TEST_F(BodyRelayTest, StopsAtTheLimitAndAtBrokenFraming) {
    relay_.start("", BodyFraming::chunked, 0, BodyFraming::chunked, 99);
    net::Buffer source = filled(crumbs(100));
    EXPECT_EQ(relay_.pump(source, sink_), RelayStatus::too_large);
    relay_.start("", BodyFraming::chunked, 0, BodyFraming::chunked, 1 << 20);
    net::Buffer broken = filled(crumbs(10) + "x\r\n");
    EXPECT_EQ(relay_.pump(broken, sink_), RelayStatus::malformed);
}

}  // namespace
}  // namespace kwikgate::gateway::proxy
