#include "gateway/net/ring.hpp"

#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <bit>
#include <boost/asio/detail/epoll_reactor.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "gateway/net/ring_state.hpp"

namespace kwikgate::gateway::net {
namespace {

constexpr unsigned kEntries = 1024;  // Operations handed over in one system call.
constexpr unsigned kHandlersPerTurn = 64;
constexpr unsigned kPortionsPerTurn = 64;  // Of some 20 completions, since Linux 6.13.

/// Asio keeps its epoll descriptor to itself; naming a private member in an explicit instantiation
/// is allowed (C++20, 13.9.2/6), and gives it away.
template <auto Member>
struct Reveal {
    friend int epoll_descriptor(boost::asio::detail::epoll_reactor& reactor) {
        return reactor.*Member;
    }
};
int epoll_descriptor(boost::asio::detail::epoll_reactor& reactor);
template struct Reveal<&boost::asio::detail::epoll_reactor::epoll_fd_>;

int set_up(io_uring& ring) {
    io_uring_params parameters{};
    // Completions are made when the worker asks for them, never by an interrupt in between; only it
    // uses the ring. Enabled by the thread that will be that worker.
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                       IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE |
                       IORING_SETUP_SUBMIT_ALL;
    parameters.cq_entries = kEntries * 8;
    return io_uring_queue_init_params(kEntries, &ring, &parameters);
}

/// The kernel has completions to make, and waits to be asked for them.
bool has_more_to_do(const io_uring& ring) {
    return (__atomic_load_n(ring.sq.kflags, __ATOMIC_RELAXED) & IORING_SQ_TASKRUN) != 0;
}

}  // namespace

Ring::State::State() {
    if (const int code = set_up(ring); code != 0)
        throw std::system_error(-code, std::generic_category(), "io_uring");
    buffers.emplace(ring);
}

bool Ring::is_available(std::string& why) {
    io_uring ring{};
    const int code = set_up(ring);
    if (code == 0) {
        io_uring_queue_exit(&ring);
        return true;
    }
    why = std::strerror(-code);
    return false;
}

void Ring::install(boost::asio::io_context& context, std::size_t few_streams,
                   std::uint8_t small_before_repeating) {
    boost::asio::make_service<Ring>(context, few_streams, small_before_repeating);
}

Ring* Ring::of(boost::asio::io_context& context) {
    return boost::asio::has_service<Ring>(context) ? &boost::asio::use_service<Ring>(context)
                                                   : nullptr;
}

Ring::Ring(boost::asio::execution_context& context, std::size_t few_streams,
           std::uint8_t small_before_repeating)
    : service(context),
      state_(std::make_unique<State>()),
      few_streams_(few_streams),
      small_before_repeating_(small_before_repeating) {
    buffers_ = &*state_->buffers;
    auto& io = static_cast<boost::asio::io_context&>(context);
    auto& reactor = boost::asio::use_service<boost::asio::detail::epoll_reactor>(io);
    reactor.init_task();
    state_->reactor = epoll_descriptor(reactor);
}

Ring::~Ring() = default;

// Before the streams' memory goes the kernel must have let go of it.
void Ring::shutdown() noexcept {
    state_.reset();
}

void Ring::mark_dirty(RingStream& stream) {
    dirty_.push_back(&stream);
}

void Ring::mark_ready(RingStream& stream) {
    ready_.push_back(&stream);
}

SendBlock& Ring::take_block() {
    if (spare_blocks_.empty()) {
        blocks_.push_back(std::unique_ptr<SendBlock>(new SendBlock));
        spare_blocks_.reserve(blocks_.size());
        spare_blocks_.push_back(blocks_.back().get());
    }
    SendBlock& block = *spare_blocks_.back();
    spare_blocks_.pop_back();
    block.size = block.sent = 0;
    return block;
}

void Ring::prepare() {
    preparing_.swap(dirty_);
    // A send completes at once, and would end the wait that follows it. Where there is only one, a
    // call for it alone costs less than that; where there are more, they share the one call.
    const auto has_to_send = [](const RingStream* stream) { return stream->has_to_send(); };
    const auto first = std::find_if(preparing_.begin(), preparing_.end(), has_to_send);
    if (first != preparing_.end() && std::none_of(first + 1, preparing_.end(), has_to_send))
        (*first)->try_to_flush();
    for (RingStream* stream : preparing_) stream->start_operations();
    preparing_.clear();
}

bool Ring::turn(unsigned wanted) {
    prepare();
    if (wanted == 0) {
        io_uring_submit_and_get_events(&state_->ring);
    } else {
        io_uring_submit_and_wait(&state_->ring, wanted);
    }
    // What waits in the kernel is out of sight: neither can answers be told from requests there,
    // nor is it known how long it waits.
    bool has_asio_work = reap();
    for (unsigned i = 1; i < kPortionsPerTurn && has_more_to_do(state_->ring); ++i) {
        io_uring_get_events(&state_->ring);
        has_asio_work |= reap();
    }
    tell_ready();
    return has_asio_work;
}

bool Ring::reap() {
    bool has_asio_work = false;
    io_uring_cqe* completion = nullptr;
    while (io_uring_peek_cqe(&state_->ring, &completion) == 0) {
        const std::uint64_t data = completion->user_data;
        const int result = completion->res;
        const std::uint32_t flags = completion->flags;
        io_uring_cqe_seen(&state_->ring, completion);
        if (data == kReactor) {
            has_asio_work = true;
            if ((flags & IORING_CQE_F_MORE) == 0) state_->watches_reactor = false;
            continue;
        }
        if (data == kLongEnough) {
            has_asio_work = true;
            state_->limits_wait = false;
            continue;
        }
        const bool goes_on = (flags & IORING_CQE_F_MORE) != 0;
        if (!goes_on) --in_flight_;
        if (data == kIgnored) continue;
        auto& stream =
            *std::bit_cast<RingStream*>(static_cast<std::uintptr_t>(data & ~kOperationMask));
        switch (static_cast<Operation>(data & kOperationMask)) {
            case Operation::receive:
                stream.received(
                    {.result = result,
                     .has_buffer = (flags & IORING_CQE_F_BUFFER) != 0,
                     .buffer = static_cast<std::uint16_t>(flags >> IORING_CQE_BUFFER_SHIFT),
                     .has_more = (flags & IORING_CQE_F_SOCK_NONEMPTY) != 0,
                     .goes_on = goes_on});
                break;
            case Operation::send:
                stream.sent(result);
                break;
            case Operation::poll_out:
                stream.became_writable();
                break;
        }
    }
    return has_asio_work;
}

bool Ring::is_empty() const {
    return entered_streams_ == 0 && in_flight_ == 0 && dirty_.empty() && ready_.empty();
}

void Ring::tell_ready() {
    telling_.swap(ready_);
    for (RingStream* stream : telling_) stream->tell_readable();
    telling_.clear();
}

/// What Asio has ready; not what is queued meanwhile, nor all of it where it never ends, as what
/// the ring has waits.
void Ring::poll(boost::asio::io_context& context) {
    for (unsigned i = 0; i < kHandlersPerTurn; ++i)
        if (context.poll_one() == 0 || is_asio_asked_) return;
    ask_asio();
}

void Ring::run(boost::asio::io_context& context) {
    if (!state_->is_enabled) {
        // liburing 2.3 declares io_uring_enable_rings and does not export it.
        if (::syscall(SYS_io_uring_register, state_->ring.ring_fd, IORING_REGISTER_ENABLE_RINGS,
                      nullptr, 0) != 0)
            throw std::system_error(errno, std::generic_category(), "io_uring");
        io_uring_register_ring_fd(&state_->ring);  // Only a saving: it may fail.
        state_->is_enabled = true;
    }
    poll(context);
    while (!context.stopped()) {
        if (is_empty() && !state_->watches_reactor) {
            context.run_one();
            continue;
        }
        if (is_empty()) {
            unwatch();
        } else if (!state_->watches_reactor) {
            watch(state_->reactor);
            poll(context);
        }
        if (!state_->limits_wait) limit_wait();
        const bool was_asked = std::exchange(is_asio_asked_, false);
        if (turn(ready_.empty() && !was_asked ? 1 : 0) || was_asked) poll(context);
    }
}

void Ring::wind_down() {
    constexpr int kTurns = 100;
    for (int i = 0; i < kTurns && (in_flight_ != 0 || !dirty_.empty() || !ready_.empty()); ++i) {
        prepare();
        __kernel_timespec pause{0, 10'000'000};
        io_uring_cqe* completion = nullptr;
        io_uring_submit_and_wait_timeout(&state_->ring, &completion, 1, &pause, nullptr);
        turn(0);
    }
}

}  // namespace kwikgate::gateway::net
