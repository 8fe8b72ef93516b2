#pragma once

#include <sys/uio.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/net/stream.hpp"

namespace kwikgate::gateway::proxy {

/// Pieces of memory on their way out in one system call, and how far they got. **Borrows** every
/// piece until `is_empty`.
class GatherWrite {
  public:
    static constexpr std::size_t kMaxPieces = 32;

    void clear() { first_ = count_ = 0; }
    bool is_empty() const { return first_ == count_; }
    std::size_t room() const { return kMaxPieces - count_; }
    void add(std::string_view piece) {
        if (piece.empty()) return;
        pieces_[count_++] = {const_cast<char*>(piece.data()), piece.size()};
    }
    /// Writes what it can. `done` means everything went out.
    net::IoStatus flush(net::Stream& stream, std::uint64_t& written) {
        while (!is_empty()) {
            const auto result = stream.write({pieces_.data() + first_, count_ - first_});
            if (result.status != net::IoStatus::done) return result.status;
            written += result.bytes;
            advance(result.bytes);
        }
        clear();
        return net::IoStatus::done;
    }

  private:
    void advance(std::size_t bytes) {
        while (first_ < count_ && bytes >= pieces_[first_].iov_len)
            bytes -= pieces_[first_++].iov_len;
        if (bytes == 0) return;
        pieces_[first_].iov_base = static_cast<char*>(pieces_[first_].iov_base) + bytes;
        pieces_[first_].iov_len -= bytes;
    }
    std::array<iovec, kMaxPieces> pieces_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace kwikgate::gateway::proxy
