#pragma once

#include <sys/uio.h>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/net/receive_buffers.hpp"

namespace kwikgate::gateway::net {

class RingStream;

/// A piece of memory with the bytes of one message on their way out. Owned by its ring.
struct SendBlock {
    static constexpr std::size_t kBytes = 4 * 1024 - 2 * sizeof(std::size_t);  ///< A page in all.
    std::size_t size = 0;
    std::size_t sent = 0;
    char bytes[kBytes];
};

/// One worker's io_uring: what all of its streams want to receive and send is handed to the kernel
/// in one system call, which also waits for what has completed. Around it Asio's loop goes on for
/// everything else (timers, signals between threads, listening sockets): its epoll descriptor is
/// watched by the ring.
///
/// A call that hands over much at once pays where there is much. While a worker has only a few
/// streams they cost less in the reactor: they start there, move to the ring when more come, and
/// the loop waits in Asio alone as long as no stream is in the ring (docs/adr/0004).
///
/// A service of the io_context, so that streams find it; without it they use the reactor.
/// **Threads**: made by any, `run` and all else by the worker's. **Owns** the memory that the
/// kernel receives into and sends from (a page for each send under way).
class Ring final : public boost::asio::execution_context::service {
  public:
    using key_type = Ring;
    static inline boost::asio::execution_context::id id;

    /// True when this kernel lets the process have one (6.1 or later, not forbidden by a
    /// container's profile or by kernel.io_uring_disabled). Otherwise `why` says what it said.
    static bool is_available(std::string& why);
    /// So many streams of a worker cost less in the reactor than in a ring.
    static constexpr std::size_t kFewStreams = 4;
    /// After so many receives in a row that each took all that there was, a stream's receive stays
    /// armed: its messages are small, and each is told without being asked for.
    static constexpr std::uint8_t kSmallBeforeRepeating = 8;
    /// Gives `context` a ring; up to `few_streams` that are open stay out of it. **Errors**: throws
    /// std::system_error.
    static void install(boost::asio::io_context& context, std::size_t few_streams = 0,
                        std::uint8_t small_before_repeating = kSmallBeforeRepeating);
    /// The ring of `context`, or null.
    static Ring* of(boost::asio::io_context& context);

    explicit Ring(boost::asio::execution_context& context, std::size_t few_streams = 0,
                  std::uint8_t small_before_repeating = kSmallBeforeRepeating);
    ~Ring() override;

    /// Runs until the context is stopped.
    void run(boost::asio::io_context& context);
    /// After `run`: waits, not for long, until the kernel has let go of every operation.
    void wind_down();

    // For streams.
    /// Something was queued in Asio's loop, which does not tell the ring by itself: it takes what
    /// is queued outside of its own calls for work of its own thread, and wakes nobody.
    void ask_asio() { is_asio_asked_ = true; }
    /// `stream` has something to start: it is asked for it before the next system call.
    void mark_dirty(RingStream& stream);
    /// Streams of the worker that are open, whether or not they are in the ring.
    void count_opened() { ++open_streams_; }
    void count_closed() { --open_streams_; }
    /// True when there are so many that they cost less here than in the reactor.
    bool is_worth_it() const { return open_streams_ > few_streams_; }
    void count_entered() { ++entered_streams_; }
    void count_left() { --entered_streams_; }
    /// `stream` need not wait for the kernel: it is told so before the next system call.
    void mark_ready(RingStream& stream);
    /// Takes back `mark_dirty`, for a stream that is destroyed.
    void forget(RingStream& stream) { std::erase(dirty_, &stream); }
    std::uint8_t small_before_repeating() const { return small_before_repeating_; }
    SendBlock& take_block();
    void give_back(SendBlock& block) { spare_blocks_.push_back(&block); }
    ReceiveBuffers& receive_buffers() { return *buffers_; }

    enum class Operation : std::uint8_t { receive = 1, send = 2, poll_out = 3 };
    /// How a receive came out, or one of those that a repeating one made.
    struct Receipt {
        int result;  ///< Bytes, 0 for the end of the stream, or a negated errno.
        bool has_buffer;
        std::uint16_t buffer;
        bool has_more;  ///< The socket holds more.
        bool goes_on;   ///< More such will come without being asked for.
    };
    /// `repeats`: it goes on until it is cancelled, or something is wrong.
    void start_receive(RingStream& stream, int descriptor, bool repeats);
    void start_send(RingStream& stream, int descriptor, const SendBlock& block);
    void start_poll_out(RingStream& stream, int descriptor);
    void cancel(RingStream& stream, Operation operation);

  private:
    struct State;

    void shutdown() noexcept override;
    void prepare();
    /// Submits, waits for `wanted` completions and hands out what there is. True when Asio has
    /// work.
    bool turn(unsigned wanted);
    /// Hands out the completions that there are. True when Asio has work.
    bool reap();
    void poll(boost::asio::io_context& context);
    void tell_ready();
    bool is_empty() const;
    void watch(int descriptor);
    void unwatch();
    void limit_wait();

    std::unique_ptr<State> state_;
    ReceiveBuffers* buffers_ = nullptr;  ///< Of `state_`.
    std::vector<RingStream*> dirty_;
    std::vector<RingStream*> preparing_;
    std::vector<RingStream*> ready_;
    std::vector<RingStream*> telling_;
    std::vector<std::unique_ptr<SendBlock>> blocks_;
    std::vector<SendBlock*> spare_blocks_;
    std::size_t in_flight_ = 0;
    const std::size_t few_streams_;
    const std::uint8_t small_before_repeating_;
    std::size_t open_streams_ = 0;
    std::size_t entered_streams_ = 0;
    bool is_asio_asked_ = false;
};

}  // namespace kwikgate::gateway::net
