#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "store/types.hpp"

namespace kwikgate::gateway {

/// One atomic word a token, found by its dense number. 2^32 token numbers are held as 1,024 x 1,024
/// chunks of 4,096 words, made on first use: an idle table takes 8 KiB. **Threads**: any.
/// **Cost**: three loads; allocates only when a chunk is first touched.
template <class Word>
class TokenTable {
  public:
    TokenTable() = default;
    TokenTable(const TokenTable&) = delete;
    TokenTable& operator=(const TokenTable&) = delete;
    ~TokenTable() {
        for (auto& branch : branches_) delete branch.load(std::memory_order_relaxed);
    }

    std::atomic<Word>& operator[](store::TokenNumber token) {
        const auto number = static_cast<std::uint32_t>(token);
        Branch& branch = get_or_make(branches_[number / kChunkTokens / kFanOut]);
        Chunk& chunk = get_or_make(branch.chunks[number / kChunkTokens % kFanOut]);
        return chunk.words[number % kChunkTokens];
    }

  private:
    static constexpr std::size_t kChunkTokens = 4096;
    static constexpr std::size_t kFanOut = 1024;

    struct Chunk {
        std::array<std::atomic<Word>, kChunkTokens> words{};
    };
    struct Branch {
        std::array<std::atomic<Chunk*>, kFanOut> chunks{};
        Branch() = default;
        Branch(const Branch&) = delete;
        Branch& operator=(const Branch&) = delete;
        ~Branch() {
            for (auto& chunk : chunks) delete chunk.load(std::memory_order_relaxed);
        }
    };

    /// What `slot` points to, made by whoever comes first; the loser of the race frees its own.
    template <class T>
    static T& get_or_make(std::atomic<T*>& slot) {
        T* present = slot.load(std::memory_order_acquire);
        if (present != nullptr) return *present;
        auto made = std::make_unique<T>();
        if (slot.compare_exchange_strong(present, made.get(), std::memory_order_acq_rel))
            return *made.release();
        return *present;
    }

    std::array<std::atomic<Branch*>, kFanOut> branches_{};
};

}  // namespace kwikgate::gateway
