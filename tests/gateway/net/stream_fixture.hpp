#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/net/ring.hpp"
#include "gateway/net/stream.hpp"

namespace kwikgate::gateway::net {

/// A stream over one end of a socket pair, and what it was told. The other end is `peer`.
class Side final : public StreamEvents {
  public:
    explicit Side(boost::asio::io_context& context) : stream(context, *this) {}
    ~Side() {
        if (peer >= 0) ::close(peer);
    }
    void connect() {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        peer = ends[1];
        ASSERT_TRUE(stream.open(ends[0], Stream::Use::whole));
    }
    void connect_over_tcp() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
        ASSERT_EQ(::listen(listener, 1), 0);
        ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
        peer = ::socket(AF_INET, SOCK_STREAM, 0);
        ASSERT_EQ(::connect(peer, reinterpret_cast<sockaddr*>(&address), length), 0);
        const int ours = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        ASSERT_TRUE(stream.open(ours, Stream::Use::whole));
        ::close(listener);
    }
    void reset_peer() {
        const linger reset{1, 0};
        ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close_peer();
    }
    void close_peer() {
        ::close(peer);
        peer = -1;
    }
    void peer_says(std::string_view text) const {
        ASSERT_EQ(::send(peer, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    /// What the peer can read now; "<end>" follows where it sees the end.
    std::string peer_hears() const {
        std::string heard;
        char bytes[4096];
        for (;;) {
            const ssize_t n = ::recv(peer, bytes, sizeof bytes, 0);
            if (n < 0) return heard;
            if (n == 0) return heard + "<end>";
            heard.append(bytes, static_cast<std::size_t>(n));
        }
    }
    IoResult write(std::string_view text) {
        iovec piece{const_cast<char*>(text.data()), text.size()};
        return stream.write({&piece, 1});
    }
    std::string read_all() {
        std::string read;
        char bytes[16384];
        for (;;) {
            const IoResult result = stream.read(bytes);
            last = result.status;
            if (result.status != IoStatus::done) return read;
            read.append(bytes, result.bytes);
        }
    }

    void on_readable() override {
        ++readable;
        if (when_readable) when_readable();
    }
    void on_writable() override {
        ++writable;
        if (when_writable) when_writable();
    }
    void on_released() override { ++released; }

    Stream stream;
    int peer = -1;
    int readable = 0;
    int writable = 0;
    int released = 0;
    IoStatus last = IoStatus::done;
    std::function<void()> when_readable;
    std::function<void()> when_writable;
};

enum class Through : std::uint8_t {
    reactor,
    ring,
    both,       ///< The first stream starts in the reactor and enters the ring when it waits.
    repeating,  ///< A ring whose receives stay armed from the first on.
};

/// The same contract, whatever a stream goes through.
class StreamTest : public ::testing::TestWithParam<Through> {
  protected:
    void SetUp() override {
        if (!uses_ring()) return;
        std::string why;
        if (!Ring::is_available(why)) GTEST_SKIP() << "no io_uring here: " << why;
        if (GetParam() == Through::ring) return Ring::install(context_);
        if (GetParam() == Through::repeating) return Ring::install(context_, 0, 0);
        Ring::install(context_, 1);
        another_.emplace(context_).connect();  // Stays in the reactor for good.
    }
    void TearDown() override {
        for (const auto& side : sides_) side->stream.close();
        if (another_) another_->stream.close();
        context_.restart();
        context_.poll();  // Operations are members of streams: the loop lets go of them first.
        if (Ring* ring = Ring::of(context_)) ring->wind_down();
        for (const auto& side : sides_) EXPECT_TRUE(side->stream.is_released() || !uses_ring());
    }
    Side& make_side() {
        sides_.push_back(std::make_unique<Side>(context_));
        return *sides_.back();
    }
    static bool uses_ring() { return GetParam() != Through::reactor; }

    /// Runs the loop until `is_done`, for five seconds at most, or `longest`.
    void run_until(const std::function<bool()>& is_done,
                   std::chrono::milliseconds longest = std::chrono::seconds(5)) {
        const auto end = std::chrono::steady_clock::now() + longest;
        boost::asio::steady_timer timer(context_);
        std::function<void(const boost::system::error_code&)> check =
            [&](const boost::system::error_code&) {
                if (is_done() || std::chrono::steady_clock::now() > end) {
                    context_.stop();
                    return;
                }
                timer.expires_after(std::chrono::milliseconds(1));
                timer.async_wait(check);
            };
        check({});
        context_.restart();
        if (Ring* ring = Ring::of(context_)) {
            ring->run(context_);
        } else {
            context_.run();
        }
        context_.restart();
    }
    void run_a_little() {
        run_until([] { return false; }, std::chrono::milliseconds(30));
    }

    boost::asio::io_context context_{1};
    std::vector<std::unique_ptr<Side>> sides_;
    std::optional<Side> another_;
};

inline constexpr std::array kThroughAll{Through::reactor, Through::ring, Through::both,
                                        Through::repeating};
inline std::string name_of(const ::testing::TestParamInfo<Through>& parameter) {
    constexpr const char* kNames[] = {"Reactor", "Ring", "Both", "Repeating"};
    return kNames[static_cast<std::size_t>(parameter.param)];
}

}  // namespace kwikgate::gateway::net
