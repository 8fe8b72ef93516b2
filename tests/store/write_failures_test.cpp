#include "store/write_failures.hpp"

#include <gtest/gtest.h>

#include "store/error.hpp"

namespace kwikgate::store {
namespace {

TEST(WriteFailures, AreFaultsOfTheStoreAndNotOfAChange) {
    for (const Errc fault : {Errc::disk_full, Errc::map_full, Errc::store_gone, Errc::io_error,
                             Errc::read_only, Errc::corrupt_record, Errc::busy_resizing})
        EXPECT_TRUE(is_fault_of_store(fault)) << make_error_code(fault).message();
    for (const Errc other : {Errc::ok, Errc::not_found, Errc::already_exists,
                             Errc::version_conflict, Errc::invalid_argument})
        EXPECT_FALSE(is_fault_of_store(other)) << make_error_code(other).message();
    EXPECT_FALSE(is_fault_of_store(
        boost::system::errc::make_error_code(boost::system::errc::invalid_argument)));
}

}  // namespace
}  // namespace kwikgate::store
