#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>

namespace kwikgate::store {

/// False for what lies with the change itself (`not_found`, `version_conflict` ...) and for errors
/// of others: the store could have taken another change.
bool is_fault_of_store(const boost::system::error_code& error) noexcept;

/// How many calls of `Store::write` in this process failed by a fault of the store. It is the
/// process that has one store open, not an object that is handed around. **Threads**: any.
std::uint64_t failed_writes() noexcept;
/// Counts the call that ended so, if it was such a fault.
void count_if_failed(const boost::system::error_code& error) noexcept;

}  // namespace kwikgate::store
