#include "store/write_failures.hpp"

#include <atomic>

#include "store/error.hpp"

namespace kwikgate::store {
namespace {

std::atomic<std::uint64_t> failures{0};

}  // namespace

bool is_fault_of_store(const boost::system::error_code& error) noexcept {
    if (error.category() != store_category()) return false;
    switch (static_cast<Errc>(error.value())) {
        case Errc::ok:
        case Errc::not_found:
        case Errc::already_exists:
        case Errc::version_conflict:
        case Errc::too_many_sections:
        case Errc::invalid_argument:
            return false;
        default:
            return true;
    }
}

std::uint64_t failed_writes() noexcept {
    return failures.load(std::memory_order_relaxed);
}

void count_if_failed(const boost::system::error_code& error) noexcept {
    if (is_fault_of_store(error)) failures.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace kwikgate::store
