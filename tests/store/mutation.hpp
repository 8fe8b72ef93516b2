#pragma once

#include <cstddef>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace kwikgate::store {

/// Calls `visit` with every proper prefix of `bytes`, each in memory of exactly its own size, so
/// that a sanitizer sees any read beyond it.
template <class Visit>
void for_each_truncation(std::span<const std::byte> bytes, Visit&& visit) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::unique_ptr<std::byte[]> copy(new std::byte[size]);
        std::copy_n(bytes.begin(), size, copy.get());
        visit(std::span<const std::byte>(copy.get(), size));
    }
}

/// Calls `visit` with `count` damaged copies: bytes changed, cut out, doubled or put in.
template <class Visit>
void for_each_mutation(std::span<const std::byte> bytes, int count, Visit&& visit) {
    std::mt19937 random(20240501);
    const auto below = [&random](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    for (int i = 0; i < count; ++i) {
        std::vector<std::byte> copy(bytes.begin(), bytes.end());
        for (std::size_t edits = 1 + below(4); edits > 0 && !copy.empty(); --edits) {
            const auto place = copy.begin() + static_cast<std::ptrdiff_t>(below(copy.size()));
            switch (below(4)) {
                case 0:
                    copy.erase(place);
                    break;
                case 1:
                    copy.insert(place, static_cast<std::byte>(below(256)));
                    break;
                case 2:
                    *place ^= static_cast<std::byte>(1U << below(8));
                    break;
                default:
                    *place = static_cast<std::byte>(below(256));
                    break;
            }
        }
        copy.shrink_to_fit();
        visit(std::span<const std::byte>(copy));
    }
}

}  // namespace kwikgate::store
