#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

#include "store/types.hpp"

namespace kwikgate::auth {

/// One atomic word a token, by its dense number; each begins as 0. 2^32 numbers are 1,024 x 1,024
/// chunks of 4,096 words, made when a number of theirs is first asked for and kept to the end: an
/// unused table takes 8 KiB, and nobody but who creates tokens can make it grow.
/// **Threads**: any. **Cost**: two loads; allocates only for the first number of a chunk.
/// **Errors**: std::bad_alloc.
template <class Word>
class TokenTable {
  public:
    TokenTable() = default;
    TokenTable(const TokenTable&) = delete;
    TokenTable& operator=(const TokenTable&) = delete;
    ~TokenTable() { free_all(branches_); }

    std::atomic<Word>& operator[](store::TokenNumber token) {
        const auto number = static_cast<std::uint32_t>(token);
        Branch& branch = get_or_make(branches_[number / kChunkTokens / kFanOut]);
        Chunk& chunk = get_or_make(branch.chunks[number / kChunkTokens % kFanOut]);
        return chunk.words[number % kChunkTokens];
    }

  private:
    static constexpr std::size_t kChunkTokens = 4096;
    static constexpr std::size_t kFanOut = 1024;

    template <class T>
    using Slots = std::array<std::atomic<T*>, kFanOut>;

    struct Chunk {
        std::array<std::atomic<Word>, kChunkTokens> words{};
    };
    struct Branch {
        Slots<Chunk> chunks{};
        Branch() = default;
        Branch(const Branch&) = delete;
        Branch& operator=(const Branch&) = delete;
        ~Branch() { free_all(chunks); }
    };

    template <class T>
    static void free_all(Slots<T>& slots) {
        for (auto& slot : slots) delete slot.load(std::memory_order_relaxed);
    }
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

    Slots<Branch> branches_{};
};

}  // namespace kwikgate::auth
