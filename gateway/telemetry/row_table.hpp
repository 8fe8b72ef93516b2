#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace kwikgate::gateway {

/// Rows of counters by slot number, in chunks that are made when room is asked for and never move.
/// **Threads**: one makes room and writes rows, any read. **Owns** the chunks.
template <class Row, std::size_t ChunkRows, std::size_t Chunks>
class RowTable {
  public:
    static constexpr std::size_t kMaxRows = ChunkRows * Chunks;

    RowTable() = default;
    RowTable(const RowTable&) = delete;
    RowTable& operator=(const RowTable&) = delete;
    ~RowTable() {
        for (auto& chunk : chunks_) delete chunk.load(std::memory_order_relaxed);
    }

    /// At least `rows` rows, of `kMaxRows` at most. Allocates: called when a configuration is taken
    /// into use, never for a request.
    void make_room(std::size_t rows) {
        for (std::size_t i = 0; i < Chunks && i * ChunkRows < rows; ++i)
            if (chunks_[i].load(std::memory_order_relaxed) == nullptr)
                chunks_[i].store(new Chunk, std::memory_order_release);
    }
    /// A row for which there is room.
    Row& row(std::size_t slot) {
        return (*chunks_[slot / ChunkRows].load(std::memory_order_relaxed))[slot % ChunkRows];
    }
    /// nullptr where there is no room yet.
    const Row* find(std::size_t slot) const {
        if (slot >= kMaxRows) return nullptr;
        const Chunk* chunk = chunks_[slot / ChunkRows].load(std::memory_order_acquire);
        return chunk == nullptr ? nullptr : &(*chunk)[slot % ChunkRows];
    }

  private:
    using Chunk = std::array<Row, ChunkRows>;
    std::array<std::atomic<Chunk*>, Chunks> chunks_{};
};

}  // namespace kwikgate::gateway
